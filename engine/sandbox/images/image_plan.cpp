#include "engine/sandbox/images/image_plan.h"

#include "engine/base/quoted_name.h"
#include "engine/base/sha256.h"
#include "engine/sandbox/images/image_json.h"

#include <QJsonArray>
#include <QJsonObject>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// One image of a docker-save archive (github.com/moby/docker-image-spec, spec.md, "Combined image
/// JSON + filesystem changeset format").
struct SavedImage {
    QByteArray config;
    QStringList names;
    QList<QByteArray> layers;
};

Result<QList<SavedImage>> savedImages(const ImageSource &source, const ImageLimits &limits)
{
    const Result<QByteArray> bytes = source.smallFile("manifest.json");
    if (!bytes)
        return fail(bytes.error());
    const Result<QJsonDocument> document = readImageJson(*bytes, u"manifest.json"_s);
    if (!document)
        return fail(document.error());
    QList<SavedImage> images;
    for (const auto &value : document->array()) {
        const QJsonObject object = value.toObject();
        SavedImage image;
        image.config = object["Config"_L1].toString().toUtf8();
        for (const auto &name : object["RepoTags"_L1].toArray())
            image.names += name.toString();
        for (const auto &layer : object["Layers"_L1].toArray())
            image.layers += layer.toString().toUtf8();
        if (image.config.isEmpty() || image.layers.contains(QByteArray())) {
            return fail(ErrorCode::BadRequest,
                        u"its manifest.json has an image without a configuration or with a layer "
                        "that is not named"_s);
        }
        if (image.layers.size() > limits.layers) {
            return fail(ErrorCode::TooLarge,
                        u"it has %1 layers, over the limit of %2"_s.arg(image.layers.size())
                            .arg(limits.layers));
        }
        images += image;
    }
    if (images.isEmpty())
        return fail(ErrorCode::BadRequest, u"its manifest.json names no image"_s);
    return images;
}

Result<SavedImage> chooseSaved(const QList<SavedImage> &images, const QString &name)
{
    if (images.size() == 1)
        return images.first();
    QStringList names;
    for (const SavedImage &image : images) {
        if (image.names.contains(name))
            return image;
        names += image.names;
    }
    return fail(ErrorCode::BadRequest,
                u"it holds %1 images; choose one with --name: %2"_s.arg(images.size())
                    .arg(quotedName(names.join(u", "_s))));
}

/// The digest that a file of an archive says to have by its name, `<hex>.json` or `…/<hex>`.
QString digestInName(const QByteArray &file)
{
    QString base = QString::fromUtf8(file.sliced(file.lastIndexOf('/') + 1));
    if (base.endsWith(".json"_L1))
        base.chop(5);
    const QString digest = base.startsWith("sha256:"_L1) ? base : u"sha256:"_s + base;
    return isSha256Digest(digest) ? digest : QString();
}

} // namespace

QString familiarName(const QString &reference)
{
    for (const auto prefix : {"docker.io/library/"_L1, "docker.io/"_L1}) {
        if (reference.startsWith(prefix))
            return reference.sliced(prefix.size());
    }
    return reference;
}

Result<ImagePlan> planDockerArchive(const ImageSource &source, const QString &name,
                                    const ImageLimits &limits)
{
    const Result<QList<SavedImage>> images = savedImages(source, limits);
    if (!images)
        return fail(images.error());
    const Result<SavedImage> image = chooseSaved(*images, name);
    if (!image)
        return fail(image.error());
    const Result<QByteArray> configBytes = source.smallFile(image->config);
    if (!configBytes)
        return fail(configBytes.error());
    ImagePlan plan;
    plan.digest = u"sha256:"_s + Sha256::of(*configBytes);
    if (const QString named = digestInName(image->config);
        !named.isEmpty() && named != plan.digest) {
        return fail(ErrorCode::BadRequest,
                    u"its configuration has not the digest that its name says: "_s
                        + quotedName(image->config));
    }
    const Result<ImageConfig> config = parseImageConfig(*configBytes, limits);
    if (!config)
        return fail(config.error());
    if (const auto fits = checkPlatform(config->os, config->architecture); !fits)
        return fail(fits.error());
    if (config->diffIds.size() != image->layers.size()) {
        return fail(ErrorCode::BadRequest,
                    u"it has %1 layers, but its configuration has digests of %2"_s
                        .arg(image->layers.size())
                        .arg(config->diffIds.size()));
    }
    plan.architecture = config->architecture;
    plan.created = config->created;
    plan.searchPath = config->searchPath;
    if (image->names.size() == 1)
        plan.suggestedName = familiarName(image->names.first());
    for (qsizetype i = 0; i < image->layers.size(); ++i) {
        LayerPlan layer;
        layer.file = image->layers[i];
        layer.diffId = config->diffIds[i];
        plan.layers += layer;
    }
    return plan;
}

Result<ImagePlan> planImage(const ImageSource &source, const QString &name,
                            const ImageLimits &limits)
{
    Result<ImagePlan> plan = [&]() -> Result<ImagePlan> {
        switch (source.kind()) {
        case ImageSource::Kind::OciLayout: return planOciLayout(source, name, limits);
        case ImageSource::Kind::DockerArchive: return planDockerArchive(source, name, limits);
        case ImageSource::Kind::RootFileSystem: break;
        }
        ImagePlan plain;
        plain.layers.append(LayerPlan());
        plain.whiteouts = false;
        return plain;
    }();
    if (plan && plan->layers.isEmpty())
        return fail(ErrorCode::BadRequest, u"it has no layers"_s);
    return plan;
}

} // namespace skillbox
