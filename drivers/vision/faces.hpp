// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What the C++ files of this room share. Nothing of it is seen outside dv-faces. */
#include <glib.h> // before extern "C": it brings templates

#include <functional>
#include <memory>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <opencv2/objdetect.hpp>
#include <vector>

extern "C" {
#include "faces_private.h"
#include <darvaza/face.h>
}

struct DvFaces {
    cv::CascadeClassifier cascade;
    cv::dnn::Net detector, comparison;
    int detector_side = 0; // 0: the cascade finds
    FaceSide side = {};
    DvFaceComparison comparison_state = {};
};

namespace faces
{

// No exception leaves: what is thrown in body becomes an error that begins with doing.
gboolean guarded(GError **error, const char *doing, const std::function<void()> &body) noexcept;

// The caller's pixels, not copied.
cv::Mat view(const DvImage *image);
// One channel, as is where it has one.
cv::Mat grey_of(const cv::Mat &image);
// R, G, B.
cv::Mat rgb_of(const cv::Mat &image);

// Faces whose box is smallest to largest pixels wide; largest first.
std::vector<DvFace> find(DvFaces &faces, const cv::Mat &image, double smallest, double largest);
std::vector<DvFace> find_by_network(DvFaces &faces, const cv::Mat &image);
// Whether a network of this input side answers as YuNet does.
bool network_answers(cv::dnn::Net &net, int side);

// Where a face lies, by its landmarks or, without them, by its box.
struct Pose {
    cv::Point2d middle; // between the eyes
    double distance;    // between the eyes
    double roll;        // radians; 0 without landmarks
};
Pose pose_of(const DvFace &face);

// Picture whose pixel (x, y) is the image's origin + x * right + y * down; what lies outside the image
// repeats its edge.
cv::Mat levelled(const cv::Mat &image, cv::Point2d origin, cv::Point2d right, cv::Point2d down,
                 cv::Size size);

// The 240 x 320 picture of a face, with as many channels as the image.
cv::Mat cut(const cv::Mat &image, const DvFace &face);
void encode(const cv::Mat &picture, DvPortrait *portrait);

} // namespace faces
