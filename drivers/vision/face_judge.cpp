// SPDX-License-Identifier: Apache-2.0
// What speaks against a live portrait. Every measure is taken on the portrait as it would be kept.
#include "faces.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace
{

// Units and where they come from: docs/portraits.md.
constexpr int EYES_LEAST = 60;   // pixels between the eyes
constexpr int SHARE_MOST = 1000; // of the image's height that the portrait may take; thousandths
constexpr int CENTRE_MOST = 200; // of the image's width off the middle; thousandths
constexpr int MISSING_MOST = 60; // of the portrait that lies outside the image; thousandths
constexpr int LIGHT_LEAST = 80;  // grey level that a twentieth of the face is above
constexpr int LIGHT_MOST = 215;  // grey level of the face on average
constexpr int GLARE_MOST = 40;   // of the face at 250 or more; thousandths
constexpr int SPREAD_LEAST = 40; // grey levels from the darkest to the lightest twentieth
constexpr int UNEVEN_MOST = 300; // difference of the halves to their mean; thousandths
constexpr int BLUR_MOST = 600;   // 0 sharp to 1000 flat
constexpr int TINT_MOST = 26;    // levels of Cr or Cb outside what skin of any colour has
constexpr int TURN_MOST = 200;   // nose off the middle, of the eyes' distance; thousandths
constexpr int TILT_MOST = 10;    // degrees
constexpr int NOD_LEAST = 330, NOD_MOST = 780; // nose from eyes (0) to mouth (1000)
constexpr int SKIN_CR = 150, SKIN_CB = 112;

void
say(DvFaceReport &report, DvFaceCode code, double value, int limit)
{
    if (report.count < DV_FACE_FINDINGS_MAX)
        report.finding[report.count++] = {code, static_cast<gint>(std::lround(value)), limit};
}

void
too_much(DvFaceReport &report, DvFaceCode code, double value, int limit)
{
    if (value > limit)
        say(report, code, value, limit);
}

void
too_little(DvFaceReport &report, DvFaceCode code, double value, int limit)
{
    if (value < limit)
        say(report, code, value, limit);
}

// How much of the portrait's frame lies outside the image, in thousandths. The chest may.
double
missing(const cv::Mat &image, const faces::Pose &pose)
{
    double e = pose.distance;
    cv::Rect2d head(pose.middle.x - 1.3 * e, pose.middle.y - 1.7 * e, 2.6 * e, 3.6 * e);
    cv::Rect2d inside = head & cv::Rect2d(0, 0, image.cols, image.rows);
    return 1000 * (1 - inside.area() / head.area());
}

void
judge_place(DvFaceReport &report, const cv::Mat &image, const faces::Pose &pose)
{
    double share = 1000 * pose.distance * 3.6 / image.rows;
    too_little(report, DV_FACE_TOO_FAR, pose.distance, EYES_LEAST);
    too_much(report, DV_FACE_TOO_CLOSE, share, SHARE_MOST);
    too_much(report, DV_FACE_OFF_CENTRE,
             1000 * std::abs(pose.middle.x - image.cols / 2.0) / image.cols, CENTRE_MOST);
    if (share <= SHARE_MOST)
        too_much(report, DV_FACE_CUT_OFF, missing(image, pose), MISSING_MOST);
}

// The face's oval in the cut portrait: forehead to chin.
cv::Mat
oval()
{
    cv::Mat mask = cv::Mat::zeros(DV_PORTRAIT_HEIGHT, DV_PORTRAIT_WIDTH, CV_8U);
    cv::ellipse(mask, cv::Point(120, 165), cv::Size(62, 88), 0, 0, 360, cv::Scalar(255), -1);
    return mask;
}

struct Light {
    double mean, dark, bright, glare; // grey levels; glare in thousandths
};

Light
light_of(const cv::Mat &grey, const cv::Mat &mask)
{
    std::array<int, 256> count = {};
    int all = 0, over = 0;
    for (int y = 0; y < grey.rows; y++)
        for (int x = 0; x < grey.cols; x++)
            if (mask.at<uchar>(y, x) != 0) {
                count[grey.at<uchar>(y, x)]++;
                all++;
                over += grey.at<uchar>(y, x) >= 250 ? 1 : 0;
            }
    Light light = {cv::mean(grey, mask)[0], 0, 255, 1000.0 * over / std::max(1, all)};
    for (int level = 0, below = 0; level < 256; below += count[static_cast<size_t>(level++)]) {
        if (below * 20 <= all)
            light.dark = level;
        if (below * 20 <= all * 19)
            light.bright = level;
    }
    return light;
}

// Difference of the two halves of the face, without its middle.
double
unevenness(const cv::Mat &grey, const cv::Mat &mask)
{
    cv::Rect left(0, 0, 105, grey.rows), right(135, 0, 105, grey.rows);
    double one = cv::mean(grey(left), mask(left))[0], other = cv::mean(grey(right), mask(right))[0];
    return 1000 * std::abs(one - other) / std::max(1.0, (one + other) / 2);
}

// After Crete and others (2007): what a strong blur takes from the neighbours' differences is
// little where the picture was blurred already. 0 sharp, 1000 flat; the worse of both directions.
double
blur(const cv::Mat &grey, const cv::Mat &mask)
{
    double worst = 0;
    for (int direction = 0; direction < 2; direction++) {
        cv::Mat level, soft, before, after, kernel = (cv::Mat_<float>(1, 2) << -1, 1);
        cv::Size window = direction == 0 ? cv::Size(9, 1) : cv::Size(1, 9);
        grey.convertTo(level, CV_32F);
        cv::blur(level, soft, window);
        if (direction == 1)
            kernel = kernel.t();
        cv::filter2D(level, before, CV_32F, kernel);
        cv::filter2D(soft, after, CV_32F, kernel);
        before = cv::abs(before);
        after = cv::abs(after);
        cv::Mat lost = cv::max(before - after, 0);
        double sum = cv::mean(before, mask)[0], gone = cv::mean(lost, mask)[0];
        worst = std::max(worst, sum > 0 ? 1000 * (sum - gone) / sum : 1000.0);
    }
    return worst;
}

// Levels of Cr or Cb away from skin, whose hue hardly differs among people.
double
tint(const cv::Mat &rgb, const cv::Mat &mask)
{
    cv::Mat colour;
    cv::cvtColor(rgb, colour, cv::COLOR_RGB2YCrCb);
    cv::Scalar mean = cv::mean(colour, mask);
    return std::max(std::abs(mean[1] - SKIN_CR), std::abs(mean[2] - SKIN_CB));
}

void
judge_light(DvFaceReport &report, const cv::Mat &picture)
{
    static const cv::Mat mask = oval();
    cv::Mat grey = faces::grey_of(picture);
    Light light = light_of(grey, mask);
    too_little(report, DV_FACE_TOO_DARK, light.bright, LIGHT_LEAST);
    too_much(report, DV_FACE_TOO_BRIGHT, light.mean, LIGHT_MOST);
    too_much(report, DV_FACE_GLARE, light.glare, GLARE_MOST);
    too_little(report, DV_FACE_FLAT, light.bright - light.dark, SPREAD_LEAST);
    too_much(report, DV_FACE_UNEVEN, unevenness(grey, mask), UNEVEN_MOST);
    too_much(report, DV_FACE_BLURRED, blur(grey, mask), BLUR_MOST);
    if (picture.channels() == 3)
        too_much(report, DV_FACE_TINTED, tint(picture, mask), TINT_MOST);
}

// Coarse: five points do not give angles in degrees, only that they are large.
void
judge_pose(DvFaceReport &report, const DvFace &face, const faces::Pose &pose)
{
    double cosine = std::cos(-pose.roll), sine = std::sin(-pose.roll);
    auto upright = [&](const DvPoint &point) {
        double x = point.x - pose.middle.x, y = point.y - pose.middle.y;
        return cv::Point2d(x * cosine - y * sine, x * sine + y * cosine);
    };
    cv::Point2d nose = upright(face.landmark[DV_FACE_NOSE]),
                mouth = (upright(face.landmark[DV_FACE_MOUTH_LEFT]) +
                         upright(face.landmark[DV_FACE_MOUTH_RIGHT])) /
                        2;
    double nod = 1000 * nose.y / std::max(1.0, mouth.y);
    too_much(report, DV_FACE_TURNED, 1000 * std::abs(nose.x) / pose.distance, TURN_MOST);
    too_much(report, DV_FACE_TILTED, std::abs(pose.roll) * 180 / CV_PI, TILT_MOST);
    if (nod < NOD_LEAST || nod > NOD_MOST)
        say(report, DV_FACE_NODDED, nod, nod < NOD_LEAST ? NOD_LEAST : NOD_MOST);
}

} // namespace

extern "C" gboolean
dv_faces_judge(const DvImage *image, const DvFaceList *list, DvFaceReport *report, GError **error)
{
    *report = {};
    return faces::guarded(error, "judging a portrait", [&] {
        if (list->count == 0)
            return say(*report, DV_FACE_NONE, 0, 1);
        if (list->count > 1)
            say(*report, DV_FACE_SEVERAL, list->count, 1);
        cv::Mat pixels = faces::view(image);
        const DvFace &face = list->face[0];
        faces::Pose pose = faces::pose_of(face);
        report->eye_distance = pose.distance;
        report->pose_judged = face.has_landmarks;
        judge_place(*report, pixels, pose);
        judge_light(*report, faces::cut(pixels, face));
        if (face.has_landmarks)
            judge_pose(*report, face, pose);
    });
}
