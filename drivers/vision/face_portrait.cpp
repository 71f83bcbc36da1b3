// SPDX-License-Identifier: Apache-2.0
// Portraits: cut from a picture, or found on a document's page by the pitch of its zone.
#include "faces.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <opencv2/imgproc.hpp>

namespace
{

// Of the boxes of OpenCV's cascades for frontal faces (haarcascade_frontalface_*, lbpcascade_
// frontalface): found on drawn faces of known eyes.
constexpr double BOX_DISTANCE = 0.37, BOX_EYES = 0.37;
constexpr double WIDTH = 3.2;           // eye distances (ISO/IEC 19794-5: head 5/7 to 1/2 of it)
constexpr double EYES = 0.45 * 45 / 35; // widths from the upper edge to the eyes
constexpr double TILT_MOST = 0.6;       // radians; beyond it the landmarks are wrong

constexpr double PITCH_MM = 2.54;            // of OCR-B in a zone (Doc 9303-3, 4.6)
constexpr double PER_MM = 6;                 // pixels of the levelled page
constexpr double ABOVE_MM = 80, LEFT_MM = 8; // of the page that is looked at, from the zone
constexpr double FACE_MM_LEAST = 10, FACE_MM_MOST = 36; // width of a printed face's box

// The picture halved until one step of the cut is at most two of its pixels.
cv::Mat
halved(const cv::Mat &image, double step, double &scale)
{
    cv::Mat now = image;
    scale = 1;
    while (step / scale > 2 && std::min(now.cols, now.rows) >= 4) {
        cv::Mat half;
        cv::resize(now, half, cv::Size(now.cols / 2, now.rows / 2), 0, 0, cv::INTER_AREA);
        now = half;
        scale *= 2;
    }
    return now;
}

struct Page {
    cv::Point2d origin, right, down; // of the levelled part, per pixel of it
    cv::Size size;
};

// The part above the zone. Only its length and direction are used: a band as narrow as a zone tells
// nothing reliable about perspective.
bool
page_of(const DvReading &reading, Page &page)
{
    size_t characters = std::strlen(reading.lines[0]);
    if (!reading.has_quad || reading.line_count != 2 || characters < 2)
        return false;
    cv::Point2d left(reading.quad[0].x, reading.quad[0].y),
        zone(reading.quad[1].x - left.x, reading.quad[1].y - left.y);
    double cells = static_cast<double>(characters) + 0.2, length = cv::norm(zone),
           width_mm = cells * PITCH_MM;
    if (!(length > 32))
        return false;
    page.right = zone / (width_mm * PER_MM);
    page.down = cv::Point2d(-page.right.y, page.right.x);
    page.origin = left - page.right * (LEFT_MM * PER_MM) - page.down * (ABOVE_MM * PER_MM);
    page.size = cv::Size(static_cast<int>((width_mm + 2 * LEFT_MM) * PER_MM),
                         static_cast<int>(ABOVE_MM * PER_MM));
    return true;
}

// The leftmost of the large ones: portraits stand left of the data (Doc 9303-4 and -7, zone V), and
// a ghost image is smaller.
const DvFace *
holder(const std::vector<DvFace> &found)
{
    const DvFace *best = nullptr;
    for (const DvFace &face : found)
        if (face.width >= 0.8 * found.front().width && (best == nullptr || face.x < best->x))
            best = &face;
    return best;
}

} // namespace

cv::Mat
faces::levelled(const cv::Mat &image, cv::Point2d origin, cv::Point2d right, cv::Point2d down,
                cv::Size size)
{
    double scale = 1;
    cv::Mat from = halved(image, cv::norm(right), scale), out;
    cv::Matx23d inverse(right.x / scale, down.x / scale, origin.x / scale, //
                        right.y / scale, down.y / scale, origin.y / scale);
    cv::warpAffine(from, out, inverse, size, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                   cv::BORDER_REPLICATE);
    return out;
}

faces::Pose
faces::pose_of(const DvFace &face)
{
    if (!face.has_landmarks)
        return {{face.x + face.width / 2, face.y + BOX_EYES * face.height},
                BOX_DISTANCE * face.width,
                0};
    const DvPoint &right = face.landmark[DV_FACE_RIGHT_EYE],
                  &left = face.landmark[DV_FACE_LEFT_EYE];
    double dx = left.x - right.x, dy = left.y - right.y;
    return {{(left.x + right.x) / 2, (left.y + right.y) / 2},
            std::max(1.0, std::hypot(dx, dy)),
            std::atan2(dy, dx)};
}

cv::Mat
faces::cut(const cv::Mat &image, const DvFace &face)
{
    Pose pose = pose_of(face);
    double roll = std::clamp(pose.roll, -TILT_MOST, TILT_MOST),
           step = WIDTH * pose.distance / DV_PORTRAIT_WIDTH;
    cv::Point2d right(std::cos(roll) * step, std::sin(roll) * step), down(-right.y, right.x);
    cv::Point2d origin =
        pose.middle - right * (DV_PORTRAIT_WIDTH / 2.0) - down * (EYES * DV_PORTRAIT_WIDTH);
    return levelled(image, origin, right, down, cv::Size(DV_PORTRAIT_WIDTH, DV_PORTRAIT_HEIGHT));
}

void
faces::encode(const cv::Mat &picture, DvPortrait *portrait)
{
    g_autoptr(GError) error = nullptr;
    cv::Mat whole = picture.isContinuous() ? picture : picture.clone();
    if (!portrait_encode(whole.data, static_cast<guint>(whole.cols), static_cast<guint>(whole.rows),
                         static_cast<guint>(whole.channels()), portrait, &error))
        CV_Error(cv::Error::StsError, error->message);
}

extern "C" gboolean
dv_faces_portrait(const DvImage *image, const DvFace *face, DvPortrait *portrait, GError **error)
{
    portrait->length = 0;
    return faces::guarded(error, "cutting a portrait",
                          [&] { faces::encode(faces::cut(faces::view(image), *face), portrait); });
}

extern "C" gboolean
dv_faces_view(const DvImage *image, guint side, guint quality, guint8 *to, gsize most,
              gsize *length, guint *width, guint *height, GError **error)
{
    return faces::guarded(error, "compressing a view", [&] {
        cv::Mat from = faces::view(image), small = from;
        double scale = static_cast<double>(side) / std::max(from.cols, from.rows);
        if (scale < 1)
            cv::resize(from, small,
                       cv::Size(std::max(1, static_cast<int>(from.cols * scale)),
                                std::max(1, static_cast<int>(from.rows * scale))),
                       0, 0, cv::INTER_AREA);
        *width = static_cast<guint>(small.cols);
        *height = static_cast<guint>(small.rows);
        *length = jpeg_compress(small.data, *width, *height, static_cast<guint>(small.channels()),
                                quality, to, most);
        if (*length == 0)
            CV_Error(cv::Error::StsError, "it does not fit");
    });
}

extern "C" gboolean
dv_faces_document(DvFaces *faces, const DvImage *image, const DvReading *reading,
                  DvPortrait *portrait, GError **error)
{
    portrait->length = 0;
    return faces::guarded(error, "cutting a document's portrait", [&] {
        Page page;
        if (!page_of(*reading, page))
            return;
        // The quad is in pixels of the source, from which the image may have been shrunk.
        page.origin /= image->scale;
        page.right /= image->scale;
        page.down /= image->scale;
        cv::Mat level =
            faces::levelled(faces::view(image), page.origin, page.right, page.down, page.size);
        std::vector<DvFace> found =
            faces::find(*faces, level, FACE_MM_LEAST * PER_MM, FACE_MM_MOST * PER_MM);
        const DvFace *face = holder(found);
        if (face != nullptr)
            faces::encode(faces::cut(level, *face), portrait);
    });
}
