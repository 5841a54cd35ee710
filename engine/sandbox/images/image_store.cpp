#include "engine/sandbox/images/image_store.h"

#include "engine/base/clock.h"
#include "engine/base/image_name.h"
#include "engine/base/quoted_name.h"
#include "engine/files/scratch.h"
#include "engine/sandbox/images/image_files.h"
#include "engine/sandbox/images/image_json.h"
#include "engine/sandbox/images/image_plan.h"
#include "engine/sandbox/images/layer_unpacker.h"

#include <QDir>
#include <QFile>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

const QString rootName = u"/rootfs"_s;

bool lockFile(int fd, int operation)
{
    int result = 0;
    do {
        result = ::flock(fd, operation);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

UniqueFd openFolder(const QString &path)
{
    return UniqueFd(::open(QFile::encodeName(path).constData(),
                           O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// Whether `path` still names the folder that is open.
bool isSameFolder(int fd, const QString &path)
{
    struct stat open {
    };
    struct stat named {
    };
    return ::fstat(fd, &open) == 0 && ::lstat(QFile::encodeName(path).constData(), &named) == 0
        && open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

/// Says of which file an error is, unless it is about our own store.
Error aboutFile(const QString &path, Error error)
{
    switch (error.code) {
    case ErrorCode::BadRequest:
    case ErrorCode::TooLarge:
    case ErrorCode::Io:
        error.message = quotedName(path) + u" cannot be imported: "_s + error.message;
        break;
    case ErrorCode::Cancelled: error.message = u"the import was cancelled"_s; break;
    default: break;
    }
    return error;
}

Error inLayer(int number, const ImagePlan &plan, Error error)
{
    const bool ours = error.code == ErrorCode::BadRequest || error.code == ErrorCode::TooLarge
        || error.code == ErrorCode::Io;
    if (ours && plan.layers.size() > 1)
        error.message = u"layer %1: "_s.arg(number) + error.message;
    return error;
}

int entriesIn(const QString &directory)
{
    return static_cast<int>(
        QDir(directory)
            .entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot)
            .size());
}

Result<void> checkName(const QString &name)
{
    if (isImageName(name))
        return {};
    return fail(ErrorCode::BadRequest,
                quotedName(name)
                    + u" is not an image name; give it one such as tools:1 with --name"_s);
}

Result<QString> chosenName(const ImageImport &request, const ImagePlan &plan)
{
    const QString name = request.name.isEmpty() ? plan.suggestedName : request.name;
    if (name.isEmpty())
        return fail(ErrorCode::BadRequest, u"it has no name of its own; give it one with --name"_s);
    if (const auto fine = checkName(name); !fine)
        return fail(fine.error());
    return name;
}

} // namespace

/// A whole image in a temporary place.
struct ImageStore::Unpacked {
    std::optional<Scratch> scratch; ///< nothing: it is in the store already
    QString directory;              ///< inside of scratch
    ImportedImage image;
};

Result<std::unique_ptr<ImageStore>> ImageStore::open(const QString &directory,
                                                     const ImageLimits &limits)
{
    const QString absolute = QDir::cleanPath(QDir(directory).absolutePath());
    if (QFile::exists(absolute))
        Scratch::sweep(absolute);
    return std::unique_ptr<ImageStore>(new ImageStore(absolute, limits));
}

ImageStore::ImageStore(QString directory, const ImageLimits &limits)
    : m_directory(std::move(directory))
    , m_limits(limits)
{
}

QString ImageStore::folderOf(const QString &digest) const
{
    return m_directory + u'/' + digest.sliced(qsizetype(sizeof "sha256:") - 1);
}

/// Held while names change, so that no image looks nameless that is about to get one.
Result<UniqueFd> ImageStore::lockStore() const
{
    const QString path = m_directory + u"/lock"_s;
    UniqueFd lock(::open(QFile::encodeName(path).constData(),
                         O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock || !lockFile(lock.get(), LOCK_EX))
        return fail(writeError(path, errno));
    return lock;
}

Result<ImportedImage> ImageStore::import(const ImageImport &request)
{
    if (!request.name.isEmpty()) { // said before the work, not after it
        if (const auto fine = checkName(request.name); !fine)
            return fail(fine.error());
    }
    if (const auto made = ensureFolder(m_directory); !made)
        return fail(made.error());
    if (request.progress)
        request.progress({});
    auto source = ImageSource::open(request.path, m_directory, m_limits, request.stop);
    if (!source)
        return fail(aboutFile(request.path, source.error()));
    auto plan = planImage(*source, request.name, m_limits);
    if (!plan)
        return fail(aboutFile(request.path, plan.error()));
    for (;;) {
        auto unpacked = unpack(request, *source, *plan);
        if (!unpacked)
            return fail(aboutFile(request.path, unpacked.error()));
        const Result<bool> kept = keep(*unpacked);
        if (!kept)
            return fail(kept.error());
        if (*kept)
            return std::move(unpacked->image);
    }
}

Result<ImageStore::Unpacked> ImageStore::unpack(const ImageImport &request, ImageSource &source,
                                                ImagePlan &plan) const
{
    Unpacked unpacked;
    const Result<QString> name = chosenName(request, plan);
    if (!name)
        return fail(name.error());
    if (!plan.digest.isEmpty()) {
        // What is there under this digest was verified when it came.
        if (Result<ImageRecord> known = readRecord(*name, plan.digest)) {
            unpacked.image = {std::move(*known), false, 0, {}};
            return unpacked;
        }
    }
    auto scratch = Scratch::folder(m_directory);
    if (!scratch)
        return fail(scratch.error());
    unpacked.directory = scratch->path() + u"/image"_s;
    if (::mkdir(QFile::encodeName(unpacked.directory).constData(), 0700) != 0)
        return fail(writeError(m_directory, errno));
    auto root = RootWriter::create(unpacked.directory + rootName, m_limits);
    if (!root)
        return fail(root.error());

    const int layers = static_cast<int>(plan.layers.size());
    int layer = 0;
    const auto progress = [&](qint64 bytes) {
        if (request.progress)
            request.progress({layer, layers, bytes});
    };
    LayerUnpacker unpacker(source, *root, m_limits, request.stop, progress);
    const auto whiteouts = plan.whiteouts ? LayerUnpacker::Whiteouts::Apply
                                          : LayerUnpacker::Whiteouts::AreFiles;
    QString content;
    for (const LayerPlan &next : std::as_const(plan.layers)) {
        ++layer;
        progress(root->writtenBytes());
        const Result<QString> done = unpacker.unpack(next, whiteouts);
        if (!done)
            return fail(inLayer(layer, plan, done.error()));
        content = *done;
    }
    if (const int top = entriesIn(unpacked.directory + rootName); top > m_limits.rootEntries) {
        return fail(ErrorCode::TooLarge,
                    u"its root has %1 entries, over the limit of %2"_s.arg(top).arg(
                        m_limits.rootEntries));
    }
    ImportedImage &image = unpacked.image;
    image.record.name = *name;
    image.record.digest = plan.digest.isEmpty() ? content : plan.digest;
    image.record.architecture = plan.architecture;
    image.record.sizeBytes = root->writtenBytes();
    image.record.created = plan.created.toUTC();
    image.record.importedAt = nowUtc();
    image.record.searchPath = plan.searchPath;
    image.leftOut = unpacker.leftOut().count;
    image.leftOutNames = unpacker.leftOut().names;
    if (const auto wrote = writeImageRecord(unpacked.directory, image.record); !wrote)
        return fail(wrote.error());
    // A name must never find files that a power cut could still empty.
    if (::syncfs(scratch->descriptor()) != 0)
        return fail(writeError(m_directory, errno));
    unpacked.scratch.emplace(std::move(*scratch));
    return unpacked;
}

/// Gives an unpacked image its place and its name. False: it was there and has been removed since.
Result<bool> ImageStore::keep(Unpacked &unpacked)
{
    const auto lock = lockStore();
    if (!lock)
        return fail(lock.error());
    ImageRecord &record = unpacked.image.record;
    auto names = readImageNames(m_directory);
    if (!names)
        return fail(names.error());
    if (Result<ImageRecord> known = readRecord(record.name, record.digest)) {
        record = std::move(*known); // another import was quicker
        unpacked.image.unpacked = false;
    } else if (!unpacked.scratch) {
        return false;
    } else {
        const QString folder = folderOf(record.digest);
        if (QFile::exists(folder) && !discard(record.digest)) // damaged, or it would have been read
            return fail(ErrorCode::Busy, u"the image is in use and damaged; try again later"_s);
        if (::rename(QFile::encodeName(unpacked.directory).constData(),
                     QFile::encodeName(folder).constData())
            != 0)
            return fail(writeError(m_directory, errno));
    }
    names->insert(record.name, record.digest);
    if (const auto wrote = writeImageNames(m_directory, *names); !wrote)
        return fail(wrote.error());
    discardNameless();
    return true;
}

Result<ImageRecord> ImageStore::readRecord(const QString &name, const QString &digest) const
{
    const QString folder = folderOf(digest);
    if (!QFile::exists(folder)) {
        return fail(ErrorCode::StorageCorrupt,
                    u"the image \"%1\" is not in %2 any more; %3"_s.arg(name, m_directory,
                                                                        importAdvice(name)));
    }
    Result<ImageRecord> record = readImageRecord(folder);
    if (record)
        record->name = name;
    return record;
}

Result<QList<ImageRecord>> ImageStore::list() const
{
    const auto names = readImageNames(m_directory);
    if (!names)
        return fail(names.error());
    QList<ImageRecord> records;
    for (auto it = names->begin(); it != names->end(); ++it) {
        Result<ImageRecord> record = readRecord(it.key(), it.value());
        if (!record)
            return fail(record.error());
        records += std::move(*record);
    }
    return records;
}

Result<std::optional<ImageRecord>> ImageStore::find(const QString &name) const
{
    const auto names = readImageNames(m_directory);
    if (!names)
        return fail(names.error());
    const auto digest = names->constFind(name);
    if (digest == names->constEnd())
        return std::nullopt;
    Result<ImageRecord> record = readRecord(name, *digest);
    if (!record)
        return fail(record.error());
    return std::move(*record);
}

Result<ImageInUse> ImageStore::use(const QString &name) const
{
    for (;;) {
        auto record = find(name);
        if (!record)
            return fail(record.error());
        if (!*record) {
            return fail(ErrorCode::NotFound,
                        u"image \"%1\" has not been imported: %2"_s.arg(name, importAdvice(name)));
        }
        const QString folder = folderOf((*record)->digest);
        UniqueFd lock = openFolder(folder);
        if (!lock && errno == ENOENT)
            continue; // removed just now: so is its name
        if (!lock) {
            return fail(ErrorCode::StorageUnavailable,
                        u"%1 cannot be read: %2"_s.arg(folder, qt_error_string(errno)));
        }
        // Whoever removes it holds the lock until it is gone.
        if (!lockFile(lock.get(), LOCK_SH) || !isSameFolder(lock.get(), folder))
            continue;
        return ImageInUse{std::move(**record), folder + rootName, std::move(lock)};
    }
}

Result<void> ImageStore::remove(const QString &name)
{
    const auto notFound = [&] {
        return fail(ErrorCode::NotFound, u"there is no image "_s + quotedName(name));
    };
    if (!QFile::exists(m_directory))
        return notFound();
    const auto lock = lockStore();
    if (!lock)
        return fail(lock.error());
    auto names = readImageNames(m_directory);
    if (!names)
        return fail(names.error());
    if (!names->contains(name))
        return notFound();
    const QString digest = names->take(name);
    UniqueFd folder;
    if (!names->values().contains(digest)) {
        folder = openFolder(folderOf(digest));
        if (folder && !lockFile(folder.get(), LOCK_EX | LOCK_NB)) {
            return fail(ErrorCode::Busy,
                        u"image \"%1\" is in use by a run; remove it when the run "
                        "has ended"_s.arg(name));
        }
    }
    // The name first: what is left if we die here is nameless, and the next change removes it.
    if (const auto wrote = writeImageNames(m_directory, *names); !wrote)
        return wrote;
    folder.reset();
    discardNameless();
    return {};
}

/// Removes an image that no name leads to, unless a run uses it.
bool ImageStore::discard(const QString &digest) const
{
    const QString path = folderOf(digest);
    const UniqueFd folder = openFolder(path);
    if (!folder || !lockFile(folder.get(), LOCK_EX | LOCK_NB))
        return false;
    // Out of the way in one step, so that nobody finds it half removed.
    const auto scratch = Scratch::folder(m_directory);
    return scratch
        && ::rename(QFile::encodeName(path).constData(),
                    QFile::encodeName(scratch->path() + u"/removed"_s).constData())
        == 0;
}

void ImageStore::discardNameless() const
{
    const auto names = readImageNames(m_directory);
    if (!names)
        return;
    const QStringList used = names->values();
    const QStringList folders = QDir(m_directory).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString &folder : folders) {
        const QString digest = u"sha256:"_s + folder;
        if (isSha256Digest(digest) && !used.contains(digest))
            discard(digest);
    }
}

QString importAdvice(const QString &name)
{
    return u"skillbox image import FILE --name %1"_s.arg(name);
}

} // namespace skillbox
