// SPDX-License-Identifier: Apache-2.0
// The page that a zone stands on, and no more of the picture than that: the zone's pitch gives
// scale and direction, its format the page's height.
#include "faces.hpp"

#include <algorithm>
#include <cstring>
#include <opencv2/imgproc.hpp>

namespace
{

constexpr double PITCH_MM = 2.54;              // of OCR-B in a zone (Doc 9303-3, 4.6)
constexpr double PER_MM = 6;                   // pixels, where the picture has as many
constexpr double BESIDE_MM = 8, BELOW_MM = 12; // that the page's edge is away from the zone at most
constexpr double NARROWEST = 32;               // pixels of a zone whose direction means something

// From the zone to above the page's upper edge: pages are 54, 74, 80 or 88 mm high, of which the
// zone takes the lower 23, and what is held before a camera is never quite level.
double
above_mm(const DvReading &reading)
{
    if (reading.line_count == 3)
        return 38; // TD1
    return std::strlen(reading.lines[0]) < 40 ? 58 : 72;
}

// As good as fits; where the page is full of fine lines, or is noise, smaller.
gsize
compress(const cv::Mat &page, guint8 *to, gsize most)
{
    static const double sizes[] = {1, 0.75, 0.5, 0.25};
    static const guint qualities[] = {80, 60, 45, 30};
    gsize length = 0;
    for (double size : sizes) {
        cv::Mat now = page;
        if (size < 1)
            cv::resize(page, now, cv::Size(), size, size, cv::INTER_AREA);
        for (guint quality : qualities)
            if (length == 0)
                length = jpeg_compress(now.data, static_cast<guint>(now.cols),
                                       static_cast<guint>(now.rows),
                                       static_cast<guint>(now.channels()), quality, to, most);
        if (length > 0)
            break;
    }
    return length;
}

} // namespace

extern "C" gboolean
dv_faces_page(const DvImage *image, const DvReading *reading, guint8 *to, gsize most, gsize *length,
              GError **error)
{
    *length = 0;
    return faces::guarded(error, "cutting a document's page", [&] {
        double characters = static_cast<double>(std::strlen(reading->lines[0]));
        if (!reading->has_quad || reading->line_count == 0)
            return;
        // The quad is in pixels of the source, from which the image may have been shrunk.
        cv::Point2d corner[4];
        for (int i = 0; i < 4; i++)
            corner[i] = cv::Point2d(reading->quad[i].x, reading->quad[i].y) / image->scale;
        cv::Point2d along = corner[1] - corner[0];
        double pixels = cv::norm(along), zone_mm = (characters + 0.2) * PITCH_MM;
        if (!(pixels > NARROWEST))
            return;
        double per_mm = std::min(PER_MM, pixels / zone_mm);
        cv::Point2d right = along / (zone_mm * per_mm), down(-right.y, right.x);
        double depth_mm = std::min(cv::norm(corner[3] - corner[0]) * zone_mm / pixels, 30.0);
        double above = above_mm(*reading);
        cv::Size size(static_cast<int>((zone_mm + 2 * BESIDE_MM) * per_mm),
                      static_cast<int>((above + depth_mm + BELOW_MM) * per_mm));
        cv::Mat page = faces::levelled(
            faces::view(image), corner[0] - right * (BESIDE_MM * per_mm) - down * (above * per_mm),
            right, down, size);
        *length = compress(page, to, most);
    });
}
