// SPDX-License-Identifier: Apache-2.0
// Where faces are: by a cascade, or by a YuNet network whose outputs are decoded here.
#include "faces.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>

namespace
{

constexpr int CASCADE_SIDE = 320; // pixels of the larger side that a cascade works on
constexpr int CASCADE_LEAST = 24; // pixels of the smallest face on it
constexpr int NEIGHBOURS = 4;     // agreeing windows that a face needs
constexpr float SCORE_LEAST = 0.7F, OVERLAP_MOST = 0.3F;
constexpr std::array<int, 3> STRIDES = {8, 16, 32};

bool
larger(const DvFace &a, const DvFace &b)
{
    return a.width * a.height > b.width * b.height;
}

std::vector<DvFace>
find_by_cascade(DvFaces &faces, const cv::Mat &image, double smallest, double largest)
{
    double shrink =
        std::max(1.0, static_cast<double>(std::max(image.cols, image.rows)) / CASCADE_SIDE);
    cv::Mat grey = faces::grey_of(image), work = grey;
    if (shrink > 1)
        cv::resize(grey, work, cv::Size(), 1 / shrink, 1 / shrink, cv::INTER_AREA);
    int least = std::max(CASCADE_LEAST, static_cast<int>(smallest / shrink));
    int most = std::max(least + 1, static_cast<int>(largest / shrink));
    std::vector<cv::Rect> boxes;
    std::vector<int> levels;
    std::vector<double> weights;
    if (std::min(work.cols, work.rows) < CASCADE_LEAST)
        return {};
    faces.cascade.detectMultiScale(work, boxes, levels, weights, 1.1, NEIGHBOURS, 0,
                                   cv::Size(least, least), cv::Size(most, most), true);
    std::vector<DvFace> found;
    for (size_t i = 0; i < boxes.size(); i++) {
        DvFace face = {};
        face.x = boxes[i].x * shrink;
        face.y = boxes[i].y * shrink;
        face.width = boxes[i].width * shrink;
        face.height = boxes[i].height * shrink;
        face.score = i < weights.size() ? weights[i] : 0;
        found.push_back(face);
    }
    return found;
}

struct Outputs {
    cv::Mat score, object, box, points;
};

// The names and shapes of YuNet's twelve outputs, and nothing else.
bool
forward(cv::dnn::Net &net, const cv::Mat &input, std::array<Outputs, 3> &outputs)
{
    std::vector<std::string> names;
    for (int stride : STRIDES)
        for (const char *name : {"cls_", "obj_", "bbox_", "kps_"})
            names.push_back(name + std::to_string(stride));
    std::vector<cv::Mat> answers;
    net.setInput(input);
    net.forward(answers, names);
    if (answers.size() != names.size())
        return false;
    static const std::array<int, 4> columns = {1, 1, 4, 10};
    for (size_t i = 0; i < answers.size(); i++) {
        int cells = input.size[3] / STRIDES[i / 4];
        if (answers[i].type() != CV_32F ||
            answers[i].total() != static_cast<size_t>(cells) * static_cast<size_t>(cells) *
                                      static_cast<size_t>(columns[i % 4]))
            return false;
        answers[i] = answers[i].reshape(1, cells * cells);
    }
    for (size_t i = 0; i < outputs.size(); i++)
        outputs[i] = {answers[4 * i], answers[4 * i + 1], answers[4 * i + 2], answers[4 * i + 3]};
    return true;
}

// Box and landmarks of one cell: offsets from the cell in strides, sizes as logarithms.
DvFace
decode(const Outputs &out, int cell, int side, int stride, double scale)
{
    const auto *box = out.box.ptr<float>(cell), *points = out.points.ptr<float>(cell);
    int cells = side / stride, column = cell % cells, row = cell / cells;
    DvFace face = {};
    face.width = std::exp(std::min(box[2], 8.0F)) * stride * scale;
    face.height = std::exp(std::min(box[3], 8.0F)) * stride * scale;
    face.x = (column + box[0]) * stride * scale - face.width / 2;
    face.y = (row + box[1]) * stride * scale - face.height / 2;
    face.has_landmarks = TRUE;
    for (int i = 0; i < 5; i++)
        face.landmark[i] = {(column + points[2 * i]) * stride * scale,
                            (row + points[2 * i + 1]) * stride * scale};
    return face;
}

double
overlap(const DvFace &a, const DvFace &b)
{
    cv::Rect2d one(a.x, a.y, a.width, a.height), other(b.x, b.y, b.width, b.height);
    double both = (one & other).area();
    return both / (one.area() + other.area() - both);
}

std::vector<DvFace>
strongest(std::vector<DvFace> all)
{
    std::sort(all.begin(), all.end(),
              [](const DvFace &a, const DvFace &b) { return a.score > b.score; });
    std::vector<DvFace> kept;
    for (const DvFace &face : all)
        if (std::none_of(kept.begin(), kept.end(),
                         [&](const DvFace &other) { return overlap(face, other) > OVERLAP_MOST; }))
            kept.push_back(face);
    return kept;
}

bool
is_finite(const DvFace &face)
{
    double sum = face.x + face.y + face.width + face.height;
    for (const DvPoint &point : face.landmark)
        sum += point.x + point.y;
    return std::isfinite(sum);
}

} // namespace

bool
faces::network_answers(cv::dnn::Net &net, int side)
{
    try {
        int shape[] = {1, 3, side, side};
        std::array<Outputs, 3> outputs;
        return forward(net, cv::Mat(4, shape, CV_32F, cv::Scalar(0)), outputs);
    } catch (const cv::Exception &) {
        return false;
    }
}

std::vector<DvFace>
faces::find_by_network(DvFaces &faces, const cv::Mat &image)
{
    int side = faces.detector_side;
    double scale = static_cast<double>(std::max(image.cols, image.rows)) / side;
    cv::Size size(std::max(1, static_cast<int>(image.cols / scale)),
                  std::max(1, static_cast<int>(image.rows / scale)));
    cv::Mat small, square(side, side, CV_8UC3, cv::Scalar::all(0));
    cv::resize(faces::rgb_of(image), small, size, 0, 0, cv::INTER_AREA);
    small.copyTo(square(cv::Rect(cv::Point(0, 0), size)));
    std::array<Outputs, 3> outputs;
    // The network was trained on B, G, R.
    if (!forward(faces.detector, cv::dnn::blobFromImage(square, 1, cv::Size(), {}, true), outputs))
        CV_Error(cv::Error::StsError, "the network changed its mind about its outputs");
    std::vector<DvFace> found;
    for (size_t i = 0; i < outputs.size(); i++)
        for (int cell = 0; cell < outputs[i].score.rows; cell++) {
            float score = std::sqrt(std::clamp(outputs[i].score.at<float>(cell), 0.0F, 1.0F) *
                                    std::clamp(outputs[i].object.at<float>(cell), 0.0F, 1.0F));
            if (!(score >= SCORE_LEAST))
                continue;
            DvFace face = decode(outputs[i], cell, side, STRIDES[i], scale);
            face.score = score;
            if (is_finite(face))
                found.push_back(face);
        }
    return strongest(std::move(found));
}

std::vector<DvFace>
faces::find(DvFaces &faces, const cv::Mat &image, double smallest, double largest)
{
    std::vector<DvFace> found = faces.detector_side > 0
                                    ? find_by_network(faces, image)
                                    : find_by_cascade(faces, image, smallest, largest);
    found.erase(std::remove_if(found.begin(), found.end(),
                               [&](const DvFace &face) {
                                   return face.width < smallest * 0.7 || face.width > largest;
                               }),
                found.end());
    std::sort(found.begin(), found.end(), larger);
    return found;
}

extern "C" gboolean
dv_faces_find(DvFaces *faces, const DvImage *image, DvFaceList *list, GError **error)
{
    *list = {};
    return faces::guarded(error, "looking for faces", [&] {
        cv::Mat pixels = faces::view(image);
        double side = std::min(pixels.cols, pixels.rows);
        for (const DvFace &face : faces::find(*faces, pixels, side / 10, side * 1.2))
            if (list->count < DV_FACES_MAX)
                list->face[list->count++] = face;
    });
}
