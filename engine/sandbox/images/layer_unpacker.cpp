#include "engine/sandbox/images/layer_unpacker.h"

#include "engine/base/quoted_name.h"
#include "engine/files/archive_library.h"
#include "engine/sandbox/images/image_path.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int maxNamesLeftOut = 10;

/// A mark in a layer that something of the layers below is gone (image-spec, layer.md,
/// "Whiteouts").
struct Whiteout {
    enum class Kind {
        None,   ///< an ordinary entry
        Remove, ///< `.wh.name`: that name
        Clear,  ///< `.wh..wh..opq`: everything in the folder
        Ignore, ///< `.wh..wh.…`: AUFS's own files, which old images still carry
    };
    Kind kind = Kind::None;
    QByteArray path; ///< what is gone, or the folder that is cleared
};

Result<Whiteout> whiteoutOf(const QByteArray &path)
{
    const QByteArray prefix = ".wh.";
    if (!path.contains(prefix))
        return Whiteout();
    const QByteArrayList components = path.split('/');
    for (const QByteArray &component : components) {
        if (component.startsWith(".wh..wh.") && component != ".wh..wh..opq")
            return Whiteout{Whiteout::Kind::Ignore, {}};
    }
    for (qsizetype i = 0; i + 1 < components.size(); ++i) {
        if (components[i].startsWith(prefix))
            return refusedEntry(path, u"lies below a whiteout"_s);
    }
    if (components.last() == ".wh..wh..opq")
        return Whiteout{Whiteout::Kind::Clear, parentOf(path)};
    if (!components.last().startsWith(prefix))
        return Whiteout();
    const QByteArray name = components.last().sliced(prefix.size());
    if (name.isEmpty() || name == "." || name == "..")
        return refusedEntry(path, u"is a whiteout of no name"_s);
    const QByteArray parent = parentOf(path);
    return Whiteout{Whiteout::Kind::Remove, parent.isEmpty() ? name : parent + '/' + name};
}

} // namespace

LayerUnpacker::LayerUnpacker(const ImageSource &source, RootWriter &root, const ImageLimits &limits,
                             std::stop_token stop, Progress progress)
    : m_source(source)
    , m_root(root)
    , m_limits(limits)
    , m_stop(std::move(stop))
    , m_progress(std::move(progress))
{
}

Result<QString> LayerUnpacker::unpack(const LayerPlan &layer, Whiteouts whiteouts)
{
    const Utf8Locale utf8;
    ++m_layers;
    // Whiteouts mean the layers below only, wherever in the tar they stand, so they go first. The
    // lowest layer has nothing below it.
    if (whiteouts == Whiteouts::Apply && m_layers > 1) {
        const Result<QString> done = readLayer(layer, whiteouts, Pass::Whiteouts);
        if (!done)
            return done;
    }
    return readLayer(layer, whiteouts, Pass::Content);
}

Result<QString> LayerUnpacker::readLayer(const LayerPlan &layer, Whiteouts whiteouts, Pass pass)
{
    auto blob = layer.file.isEmpty() ? m_source.whole() : m_source.file(layer.file);
    if (!blob)
        return fail(blob.error());
    if (layer.size >= 0 && blob->size != layer.size) {
        return fail(ErrorCode::BadRequest,
                    u"it has %1 bytes, but its manifest says %2"_s.arg(blob->size).arg(layer.size));
    }
    const auto stream = BlobStream::open(std::move(*blob), m_limits);
    if (!stream)
        return fail(stream.error());
    if (layer.compression && *layer.compression != (*stream)->compression()) {
        return fail(ErrorCode::BadRequest,
                    u"its media type says %1, its content %2"_s.arg(
                        compressionName(*layer.compression),
                        compressionName((*stream)->compression())));
    }
    TarStream tar(**stream);
    int entries = m_entries;
    for (;;) {
        if (const auto goOn = stopped(); !goOn)
            return fail(goOn.error());
        const auto entry = tar.next();
        if (!entry)
            return fail(entry.error());
        if (!*entry)
            break;
        if (++entries > m_limits.entries) {
            return fail(ErrorCode::TooLarge,
                        u"the image has more than %1 entries"_s.arg(m_limits.entries));
        }
        const Result<QByteArray> path = imagePath((*entry)->name, m_limits);
        if (!path)
            return fail(path.error());
        Whiteout whiteout;
        if (whiteouts == Whiteouts::Apply) {
            const Result<Whiteout> found = whiteoutOf(*path);
            if (!found)
                return fail(found.error());
            whiteout = *found;
        }
        Result<void> done;
        if (pass == Pass::Content) {
            if (whiteout.kind == Whiteout::Kind::None && !path->isEmpty())
                done = takeEntry(**entry, *path, tar);
        } else if (whiteout.kind == Whiteout::Kind::Remove) {
            done = m_root.remove(whiteout.path);
        } else if (whiteout.kind == Whiteout::Kind::Clear) {
            done = m_root.clear(whiteout.path);
        }
        if (!done)
            return fail(done.error());
    }
    if (pass == Pass::Content)
        m_entries = entries;
    if (const auto done = tar.finish(); !done)
        return fail(done.error());
    const BlobStream::Digests digests = (*stream)->digests();
    if ((!layer.digest.isEmpty() && digests.stored != layer.digest)
        || (!layer.diffId.isEmpty() && digests.content != layer.diffId))
        return fail(ErrorCode::BadRequest, u"it is not what its digest says"_s);
    return digests.content;
}

Result<void> LayerUnpacker::takeEntry(const TarEntry &entry, const QByteArray &path, TarStream &tar)
{
    switch (entry.kind) {
    case TarEntry::Kind::Folder: return m_root.makeFolder(path);
    case TarEntry::Kind::File: return takeFile(entry, path, tar);
    case TarEntry::Kind::Symlink: return m_root.makeSymlink(path, entry.target);
    case TarEntry::Kind::HardLink: {
        const Result<QByteArray> target = imagePath(entry.target, m_limits);
        if (!target) {
            return fail(target.error().code,
                        u"entry %1 is a hard link to a place that is refused: "_s.arg(
                            quotedName(path))
                            + target.error().message);
        }
        return m_root.makeHardLink(path, *target);
    }
    case TarEntry::Kind::Special: break;
    }
    if (++m_leftOut.count <= maxNamesLeftOut)
        m_leftOut.names += quotedName(path);
    return {};
}

Result<void> LayerUnpacker::takeFile(const TarEntry &entry, const QByteArray &path, TarStream &tar)
{
    if (entry.size > m_limits.unpackedBytes - m_root.writtenBytes()) {
        return fail(ErrorCode::TooLarge,
                    u"the image unpacks to more than %1 bytes; entry %2"_s
                        .arg(m_limits.unpackedBytes)
                        .arg(quotedName(path)));
    }
    if (const auto begun = m_root.beginFile(path); !begun)
        return begun;
    for (;;) {
        if (const auto goOn = stopped(); !goOn)
            return goOn;
        const auto piece = tar.read();
        if (!piece)
            return fail(piece.error());
        if (!*piece)
            break;
        const auto [offset, bytes] = **piece;
        if (offset < 0 || offset + bytes.size() > entry.size) {
            return refusedEntry(path, u"is longer than it says"_s);
        }
        if (const auto wrote = m_root.write(offset, bytes); !wrote)
            return wrote;
        if (m_progress)
            m_progress(m_root.writtenBytes() + offset + bytes.size());
    }
    return m_root.endFile(entry.size, entry.executable, entry.modified);
}

Result<void> LayerUnpacker::stopped() const
{
    if (m_stop.stop_requested())
        return fail(ErrorCode::Cancelled, u"it was cancelled"_s);
    return {};
}

} // namespace skillbox
