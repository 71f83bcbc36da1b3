// SPDX-License-Identifier: Apache-2.0
// Loading of models, and the wall between OpenCV and C.
#include "faces.hpp"

#include <cmath>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

extern "C" {
#include <darvaza/crypto.h>
#include <darvaza/file.h>
}

namespace
{

constexpr gsize CASCADE_MAX = 4 << 20;   // bytes; Debian's have up to 1 MB
constexpr gsize NETWORK_MAX = 256 << 20; // bytes; comparison networks have up to 250 MB
constexpr int ALIGNED = 112;             // pixels a side of a comparison network's input
constexpr int EMBEDDING_MIN = 16, EMBEDDING_MAX = 4096;

// OpenCV would print what it throws.
int
silent(int, const char *, const char *, const char *, int, void *)
{
    return 0;
}

// Bytes rather than a path: what OpenCV would do with the name is none of the file's business.
bool
read_model(const char *path, gsize most, std::vector<uchar> &bytes, GError **error)
{
    g_autoptr(GBytes) file = dv_file_read(path, most, error);
    if (file == nullptr)
        return false;
    gsize length = 0;
    const auto *data = static_cast<const uchar *>(g_bytes_get_data(file, &length));
    bytes.assign(data, data + length);
    return true;
}

gboolean
refuse(GError **error, const char *path, const char *why)
{
    g_set_error(error, DV_ERROR, DV_ERROR_CONFIG, "%s: %s", path, why);
    return FALSE;
}

gboolean
load_cascade(DvFaces &faces, const char *path, GError **error)
{
    std::vector<uchar> bytes;
    if (!read_model(path, CASCADE_MAX, bytes, error))
        return FALSE;
    bool taken = false;
    try {
        cv::FileStorage storage(std::string(bytes.begin(), bytes.end()),
                                cv::FileStorage::READ | cv::FileStorage::MEMORY |
                                    cv::FileStorage::FORMAT_XML);
        taken = faces.cascade.read(storage.getFirstTopLevelNode()) && !faces.cascade.empty();
    } catch (const cv::Exception &) {
        taken = false;
    }
    return taken ? TRUE : refuse(error, path, "this is no cascade that OpenCV reads");
}

gboolean
load_detector(DvFaces &faces, const char *path, GError **error)
{
    std::vector<uchar> bytes;
    if (!read_model(path, NETWORK_MAX, bytes, error))
        return FALSE;
    try {
        faces.detector = cv::dnn::readNetFromONNX(bytes);
    } catch (const cv::Exception &) {
        return refuse(error, path, "this is no network that OpenCV reads");
    }
    for (int side : {320, 640})
        if (faces::network_answers(faces.detector, side)) {
            faces.detector_side = side;
            return TRUE;
        }
    return refuse(error, path, "this network does not answer as YuNet does");
}

bool
has_sha256(const std::vector<uchar> &bytes, const char *wanted)
{
    guint8 digest[DV_SHA256_SIZE];
    std::string hex;
    dv_sha256(bytes.data(), bytes.size(), digest);
    for (guint8 byte : digest) {
        static const char digits[] = "0123456789abcdef";
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    return hex == wanted;
}

// One row of finite numbers for one picture, before any traveller stands there.
bool
embeds(cv::dnn::Net &net)
{
    try {
        int shape[] = {1, 3, ALIGNED, ALIGNED};
        net.setInput(cv::Mat(4, shape, CV_32F, cv::Scalar(0.25)));
        cv::Mat out = net.forward();
        auto count = static_cast<int>(out.total());
        return out.type() == CV_32F && count >= EMBEDDING_MIN && count <= EMBEDDING_MAX &&
               cv::checkRange(out);
    } catch (const cv::Exception &) {
        return false;
    }
}

void
off(DvFaces &faces, const char *why)
{
    faces.comparison_state.on = FALSE;
    g_strlcpy(faces.comparison_state.reason, why, sizeof faces.comparison_state.reason);
}

// Whatever is wrong leaves the officer comparing by eye, and says so.
void
load_comparison(DvFaces &faces, const char *path)
{
    std::vector<uchar> bytes;
    g_autoptr(GError) error = nullptr;
    if (!face_side_load(path, &faces.side, &faces.comparison_state))
        return;
    if (faces.detector_side == 0)
        return off(faces, "the detector at hand gives no landmarks to align faces by");
    if (!read_model(faces.side.model, NETWORK_MAX, bytes, &error))
        return off(faces, error->message);
    if (!has_sha256(bytes, faces.side.sha256))
        return off(faces, "the model is not the file whose rates its side file states");
    try {
        faces.comparison = cv::dnn::readNetFromONNX(bytes);
    } catch (const cv::Exception &) {
        return off(faces, "the model is no network that OpenCV reads");
    }
    if (!embeds(faces.comparison))
        return off(faces, "the model does not make one embedding of 112 x 112 pixels");
    faces.comparison_state.on = TRUE;
}

gboolean
load(DvFaces &faces, const DvFaceFiles &files, GError **error)
{
    gboolean network = files.detector != nullptr && *files.detector != '\0';
    gboolean cascade = files.cascade != nullptr && *files.cascade != '\0';
    if (!network && !cascade)
        return refuse(error, "faces", "neither a cascade nor a network is configured");
    if (!(network ? load_detector(faces, files.detector, error)
                  : load_cascade(faces, files.cascade, error)))
        return FALSE;
    load_comparison(faces, files.comparison);
    return TRUE;
}

} // namespace

gboolean
faces::guarded(GError **error, const char *doing, const std::function<void()> &body) noexcept
{
    try {
        body();
        return TRUE;
    } catch (const std::bad_alloc &) {
        g_set_error(error, DV_ERROR, DV_ERROR_FULL, "%s: out of memory", doing);
    } catch (const cv::Exception &thrown) {
        gboolean memory = thrown.code == cv::Error::StsNoMem;
        g_set_error(error, DV_ERROR, memory ? DV_ERROR_FULL : DV_ERROR_INVALID, "%s: %s", doing,
                    thrown.err.c_str());
    } catch (...) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%s: something unknown was thrown", doing);
    }
    return FALSE;
}

cv::Mat
faces::view(const DvImage *image)
{
    CV_Assert(image->channels == 1 || image->channels == 3);
    return cv::Mat(static_cast<int>(image->height), static_cast<int>(image->width),
                   image->channels == 3 ? CV_8UC3 : CV_8UC1, image->pixels);
}

cv::Mat
faces::grey_of(const cv::Mat &image)
{
    if (image.channels() == 1)
        return image;
    cv::Mat grey;
    cv::cvtColor(image, grey, cv::COLOR_RGB2GRAY);
    return grey;
}

cv::Mat
faces::rgb_of(const cv::Mat &image)
{
    if (image.channels() == 3)
        return image;
    cv::Mat rgb;
    cv::cvtColor(image, rgb, cv::COLOR_GRAY2RGB);
    return rgb;
}

extern "C" DvFaces *
dv_faces_load(const DvFaceFiles *files, GError **error)
{
    DvFaces *made = nullptr;
    gboolean done = FALSE;
    gboolean kept = faces::guarded(error, "faces", [&] {
        cv::setNumThreads(1);
        cv::redirectError(silent);
        cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
        made = new DvFaces();
        done = load(*made, *files, error);
    });
    if (kept && done)
        return made;
    dv_faces_free(made);
    return nullptr;
}

extern "C" void
dv_faces_free(DvFaces *faces)
{
    try {
        if (faces != nullptr)
            face_side_clear(&faces->side);
        delete faces;
    } catch (...) {
        // Nothing that frees may throw; if it does, the memory is lost and the lane goes on.
    }
}

extern "C" const DvFaceComparison *
dv_faces_comparison(const DvFaces *faces)
{
    return &faces->comparison_state;
}

extern "C" gboolean
dv_faces_have_landmarks(const DvFaces *faces)
{
    return faces->detector_side > 0;
}
