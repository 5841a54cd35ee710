#include "engine/base/quoted_name.h"
#include "engine/base/sha256.h"
#include "engine/sandbox/images/image_json.h"
#include "engine/sandbox/images/image_plan.h"

#include <QHash>
#include <QJsonArray>
#include <QJsonObject>

using namespace Qt::StringLiterals;

// github.com/opencontainers/image-spec: image-layout.md, image-index.md, manifest.md, layer.md

namespace skillbox {
namespace {

constexpr int maxIndexDepth = 4;

/// A reference to a blob by its digest.
struct Descriptor {
    QString mediaType;
    QString digest;
    qint64 size = 0;
    QString os; ///< empty: it does not say
    QString architecture;
    QString name;
};

bool isIndex(const QString &mediaType)
{
    return mediaType == "application/vnd.oci.image.index.v1+json"_L1
        || mediaType == "application/vnd.docker.distribution.manifest.list.v2+json"_L1;
}

bool isManifest(const QString &mediaType)
{
    return mediaType == "application/vnd.oci.image.manifest.v1+json"_L1
        || mediaType == "application/vnd.docker.distribution.manifest.v2+json"_L1;
}

bool isConfig(const QString &mediaType)
{
    return mediaType == "application/vnd.oci.image.config.v1+json"_L1
        || mediaType == "application/vnd.docker.container.image.v1+json"_L1;
}

std::optional<Compression> layerCompression(const QString &mediaType)
{
    static const QHash<QString, Compression> types = {
        {u"application/vnd.oci.image.layer.v1.tar"_s, Compression::None},
        {u"application/vnd.oci.image.layer.v1.tar+gzip"_s, Compression::Gzip},
        {u"application/vnd.oci.image.layer.v1.tar+zstd"_s, Compression::Zstd},
        {u"application/vnd.oci.image.layer.nondistributable.v1.tar"_s, Compression::None},
        {u"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"_s, Compression::Gzip},
        {u"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"_s, Compression::Zstd},
        {u"application/vnd.docker.image.rootfs.diff.tar"_s, Compression::None},
        {u"application/vnd.docker.image.rootfs.diff.tar.gzip"_s, Compression::Gzip},
        {u"application/vnd.docker.image.rootfs.diff.tar.zstd"_s, Compression::Zstd},
        {u"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"_s, Compression::Gzip},
    };
    const auto found = types.constFind(mediaType);
    return found == types.constEnd() ? std::nullopt : std::optional(*found);
}

/// The name that a tool gave it: containerd and Docker the whole one, others the whole one or only
/// a tag, which is none.
QString nameOf(const QJsonObject &annotations)
{
    const QString whole = annotations["io.containerd.image.name"_L1].toString();
    if (!whole.isEmpty())
        return familiarName(whole);
    const QString reference = annotations["org.opencontainers.image.ref.name"_L1].toString();
    return reference.contains(u':') ? familiarName(reference) : QString();
}

Result<Descriptor> readDescriptor(const QJsonValue &value, const QString &what)
{
    const QJsonObject object = value.toObject();
    Descriptor descriptor;
    descriptor.mediaType = object["mediaType"_L1].toString();
    descriptor.digest = object["digest"_L1].toString();
    descriptor.size = static_cast<qint64>(object["size"_L1].toDouble(-1));
    const QJsonObject platform = object["platform"_L1].toObject();
    descriptor.os = platform["os"_L1].toString();
    descriptor.architecture = platform["architecture"_L1].toString();
    descriptor.name = nameOf(object["annotations"_L1].toObject());
    if (!isSha256Digest(descriptor.digest)) {
        return fail(ErrorCode::BadRequest,
                    u"its %1 has a digest that is not SHA-256: %2"_s.arg(
                        what, quotedName(descriptor.digest)));
    }
    if (descriptor.size < 0)
        return fail(ErrorCode::BadRequest, u"its %1 has no size"_s.arg(what));
    return descriptor;
}

QByteArray blobName(const QString &digest)
{
    return "blobs/sha256/" + digest.sliced(qsizetype(sizeof "sha256:") - 1).toLatin1();
}

class Layout
{
public:
    Layout(const ImageSource &source, const ImageLimits &limits)
        : m_source(source)
        , m_limits(limits)
    {
    }

    Result<Descriptor> chooseManifest(const QString &name) const;
    Result<QJsonObject> object(const Descriptor &descriptor, const QString &what) const;
    Result<QByteArray> blob(const Descriptor &descriptor, const QString &what) const;

private:
    Result<void> collect(const QJsonObject &index, int depth, const QString &name,
                         QList<Descriptor> &found, QStringList &others) const;

    const ImageSource &m_source;
    const ImageLimits &m_limits;
};

Result<QByteArray> Layout::blob(const Descriptor &descriptor, const QString &what) const
{
    const Result<QByteArray> bytes = m_source.smallFile(blobName(descriptor.digest));
    if (!bytes)
        return fail(bytes.error());
    if (bytes->size() != descriptor.size
        || u"sha256:"_s + Sha256::of(*bytes) != descriptor.digest) {
        return fail(ErrorCode::BadRequest,
                    u"its %1 is not what its digest says: %2"_s.arg(what, descriptor.digest));
    }
    return bytes;
}

Result<QJsonObject> Layout::object(const Descriptor &descriptor, const QString &what) const
{
    const Result<QByteArray> bytes = blob(descriptor, what);
    if (!bytes)
        return fail(bytes.error());
    const Result<QJsonDocument> document = readImageJson(*bytes, what);
    if (!document)
        return fail(document.error());
    return document->object();
}

/// Manifests that may be for this machine. One without a platform may be: its configuration tells.
Result<void> Layout::collect(const QJsonObject &index, int depth, const QString &name,
                             QList<Descriptor> &found, QStringList &others) const
{
    if (depth > maxIndexDepth)
        return fail(ErrorCode::BadRequest, u"its indexes lie too deep in each other"_s);
    const QJsonArray manifests = index["manifests"_L1].toArray();
    if (manifests.size() > m_limits.members)
        return fail(ErrorCode::TooLarge, u"its index has too many manifests"_s);
    for (const auto &value : manifests) {
        Result<Descriptor> descriptor = readDescriptor(value, u"index"_s);
        if (!descriptor)
            return fail(descriptor.error());
        if (descriptor->name.isEmpty())
            descriptor->name = name;
        if (isIndex(descriptor->mediaType)) {
            const Result<QJsonObject> inner = object(*descriptor, u"index"_s);
            if (!inner)
                return fail(inner.error());
            const auto done = collect(*inner, depth + 1, descriptor->name, found, others);
            if (!done)
                return done;
        } else if (!isManifest(descriptor->mediaType)) {
            others += u"an unknown media type "_s + quotedName(descriptor->mediaType);
        } else if (descriptor->architecture.isEmpty()
                   || checkPlatform(descriptor->os, descriptor->architecture)) {
            found += *descriptor;
        } else {
            // Another machine's, or an attestation, which Docker files under unknown/unknown.
            others += descriptor->os + u'/' + descriptor->architecture;
        }
        if (found.size() + others.size() > m_limits.members)
            return fail(ErrorCode::TooLarge, u"its index has too many manifests"_s);
    }
    return {};
}

Result<Descriptor> Layout::chooseManifest(const QString &name) const
{
    const Result<QByteArray> bytes = m_source.smallFile("index.json");
    if (!bytes)
        return fail(bytes.error());
    const Result<QJsonDocument> index = readImageJson(*bytes, u"index.json"_s);
    if (!index)
        return fail(index.error());
    QList<Descriptor> found;
    QStringList others;
    if (const auto done = collect(index->object(), 0, {}, found, others); !done)
        return fail(done.error());
    if (found.isEmpty()) {
        others.removeDuplicates();
        return fail(ErrorCode::BadRequest,
                    others.isEmpty() ? u"its index.json names no image"_s
                                     : u"it has no image for linux/%1, only %2"_s.arg(
                                         machineArchitecture(), quotedName(others.join(u", "_s))));
    }
    QStringList names;
    for (const Descriptor &descriptor : std::as_const(found)) {
        if (descriptor.name == name && !name.isEmpty())
            return descriptor;
        if (!names.contains(descriptor.name))
            names += descriptor.name;
    }
    const bool sameImage = std::all_of(found.cbegin(), found.cend(), [&](const Descriptor &other) {
        return other.digest == found.first().digest;
    });
    if (!sameImage) {
        return fail(ErrorCode::BadRequest,
                    u"it holds %1 images for this machine; choose one with --name: %2"_s
                        .arg(found.size())
                        .arg(quotedName(names.join(u", "_s))));
    }
    if (names.size() > 1)
        found.first().name.clear(); // one image with several names: the caller says which
    return found.first();
}

} // namespace

Result<ImagePlan> planOciLayout(const ImageSource &source, const QString &name,
                                const ImageLimits &limits)
{
    const Layout layout(source, limits);
    const Result<Descriptor> chosen = layout.chooseManifest(name);
    if (!chosen)
        return fail(chosen.error());
    const Result<QJsonObject> manifest = layout.object(*chosen, u"manifest"_s);
    if (!manifest)
        return fail(manifest.error());
    const Result<Descriptor> configAt = readDescriptor((*manifest)["config"_L1],
                                                       u"manifest's configuration"_s);
    if (!configAt)
        return fail(configAt.error());
    if (!isConfig(configAt->mediaType)) {
        return fail(ErrorCode::BadRequest,
                    u"it is not a container image: its configuration has the "
                    "unknown media type "_s
                        + quotedName(configAt->mediaType));
    }
    const Result<QByteArray> configBytes = layout.blob(*configAt, u"configuration"_s);
    if (!configBytes)
        return fail(configBytes.error());
    const Result<ImageConfig> config = parseImageConfig(*configBytes, limits);
    if (!config)
        return fail(config.error());
    if (const auto fits = checkPlatform(config->os, config->architecture); !fits)
        return fail(fits.error());

    const QJsonArray layers = (*manifest)["layers"_L1].toArray();
    if (layers.size() != config->diffIds.size()) {
        return fail(ErrorCode::BadRequest,
                    u"it has %1 layers, but its configuration has digests of %2"_s
                        .arg(layers.size())
                        .arg(config->diffIds.size()));
    }
    ImagePlan plan;
    plan.suggestedName = chosen->name;
    plan.digest = chosen->digest;
    plan.architecture = config->architecture;
    plan.created = config->created;
    plan.searchPath = config->searchPath;
    for (qsizetype i = 0; i < layers.size(); ++i) {
        const QString what = u"layer %1"_s.arg(i + 1);
        const Result<Descriptor> descriptor = readDescriptor(layers[i], what);
        if (!descriptor)
            return fail(descriptor.error());
        LayerPlan layer;
        layer.compression = layerCompression(descriptor->mediaType);
        if (!layer.compression) {
            return fail(ErrorCode::BadRequest,
                        u"its %1 has the unknown media type %2"_s.arg(
                            what, quotedName(descriptor->mediaType)));
        }
        layer.file = blobName(descriptor->digest);
        layer.size = descriptor->size;
        layer.digest = descriptor->digest;
        layer.diffId = config->diffIds[i];
        plan.layers += layer;
    }
    return plan;
}

} // namespace skillbox
