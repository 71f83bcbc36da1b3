// SPDX-License-Identifier: Apache-2.0
// How alike two portraits are, to an operator's network: aligned 112 x 112 R, G, B to an embedding.
#include "faces.hpp"

#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace
{

constexpr int SIDE = 112;
// Where networks of this kind expect eyes, nose and mouth (the alignment of ArcFace), right eye
// first: the person's right is the picture's left.
constexpr std::array<std::array<double, 2>, 5> TEMPLATE = {{{38.2946, 51.6963},
                                                            {73.5318, 51.5014},
                                                            {56.0252, 71.7366},
                                                            {41.5493, 92.3655},
                                                            {70.7299, 92.2041}}};

// The similarity that brings the landmarks closest to the template, in the least squares' sense.
cv::Matx23d
alignment(const DvFace &face)
{
    double mx = 0, my = 0, tx = 0, ty = 0, square = 0, a = 0, b = 0;
    for (size_t i = 0; i < TEMPLATE.size(); i++) {
        mx += face.landmark[i].x / 5;
        my += face.landmark[i].y / 5;
        tx += TEMPLATE[i][0] / 5;
        ty += TEMPLATE[i][1] / 5;
    }
    for (size_t i = 0; i < TEMPLATE.size(); i++) {
        double x = face.landmark[i].x - mx, y = face.landmark[i].y - my, u = TEMPLATE[i][0] - tx,
               v = TEMPLATE[i][1] - ty;
        square += x * x + y * y;
        a += x * u + y * v;
        b += x * v - y * u;
    }
    CV_Assert(square > 0);
    a /= square;
    b /= square;
    return {a, -b, tx - a * mx + b * my, b, a, ty - b * mx - a * my};
}

bool
embed(DvFaces &faces, const cv::Mat &image, cv::Mat &embedding)
{
    double side = std::min(image.cols, image.rows);
    std::vector<DvFace> found = faces::find(faces, image, side / 10, side * 1.2);
    if (found.empty() || !found.front().has_landmarks)
        return false;
    cv::Mat aligned, level;
    cv::warpAffine(faces::rgb_of(image), aligned, alignment(found.front()), cv::Size(SIDE, SIDE),
                   cv::INTER_LINEAR, cv::BORDER_REPLICATE);
    aligned.convertTo(level, CV_32F, 1 / faces.side.scale, -faces.side.mean / faces.side.scale);
    faces.comparison.setInput(cv::dnn::blobFromImage(level));
    embedding = faces.comparison.forward().clone().reshape(1, 1);
    double length = cv::norm(embedding);
    CV_Assert(std::isfinite(length));
    if (length > 0)
        embedding /= length;
    return length > 0;
}

} // namespace

extern "C" gboolean
dv_faces_compare(DvFaces *faces, const DvImage *one, const DvImage *other, DvFaceMatch *match,
                 GError **error)
{
    *match = {};
    return faces::guarded(error, "comparing faces", [&] {
        if (faces->comparison_state.on == FALSE)
            return;
        cv::Mat first, second;
        match->result = DV_FACE_MATCH_NO_FACE;
        if (!embed(*faces, faces::view(one), first) || !embed(*faces, faces::view(other), second))
            return;
        match->threshold = faces->comparison_state.threshold;
        match->score = static_cast<gint>(std::lround(1000 * first.dot(second)));
        match->result =
            match->score >= match->threshold ? DV_FACE_MATCH_ABOVE : DV_FACE_MATCH_BELOW;
    });
}
