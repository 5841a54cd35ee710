#pragma once

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/sandbox/images/image_record.h"

#include <QList>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

namespace skillbox {

/// How far an import is.
struct ImageProgress {
    int layer = 0; ///< counts from 1; 0: the file is being looked at
    int layers = 0;
    qint64 bytes = 0; ///< unpacked so far
};

struct ImageImport {
    QString path;      ///< file or folder
    QString name = {}; ///< empty: the one it has in its archive
    std::function<void(const ImageProgress &)> progress = {}; ///< called on the importing thread
    std::stop_token stop = {};
};

struct ImportedImage {
    ImageRecord record;
    bool unpacked = true;     ///< false: the same content was there already
    int leftOut = 0;          ///< devices, pipes and sockets
    QStringList leftOutNames; ///< the first few, quoted
};

/// An image that a run uses: as long as this lives it is not removed.
struct ImageInUse {
    ImageRecord record;
    QString rootDirectory; ///< its root file system on the host
    UniqueFd lock;
};

/// Root file systems that were imported for runs, by name: `names.json` says which digest a name
/// means, `<hex>/rootfs` is the unpacked tree, `<hex>/image.json` what is known of it. An image is
/// unpacked beside and renamed when it is whole and on the disk; after that it never changes. One
/// that has lost its last name is removed by the next change that finds it unused. Safe to use from
/// several threads and processes at once.
class ImageStore
{
public:
    /// Removes what dead imports left; the directory itself is made by the first import.
    static Result<std::unique_ptr<ImageStore>> open(const QString &directory,
                                                    const ImageLimits &limits = {});

    /// Unpacks an OCI image layout (a folder or a tar), a docker-save archive or a tar of a root
    /// file system, each compressed with gzip, zstd or not at all, and gives it a name; the name
    /// may have meant another image before. BadRequest: not usable, TooLarge: over a limit, both
    /// saying what; Cancelled. Whatever goes wrong, nothing has changed.
    Result<ImportedImage> import(const ImageImport &request);

    /// Sorted by name.
    Result<QList<ImageRecord>> list() const;
    /// Nothing: no image has that name.
    Result<std::optional<ImageRecord>> find(const QString &name) const;
    /// Takes the name away, and the image with its last name. NotFound; Busy while a run uses it.
    Result<void> remove(const QString &name);
    /// NotFound, saying how to import it.
    Result<ImageInUse> use(const QString &name) const;

private:
    ImageStore(QString directory, const ImageLimits &limits);

    struct Unpacked;
    Result<Unpacked> unpack(const ImageImport &request, class ImageSource &source,
                            struct ImagePlan &plan) const;
    Result<bool> keep(Unpacked &unpacked);
    Result<UniqueFd> lockStore() const;
    Result<ImageRecord> readRecord(const QString &name, const QString &digest) const;
    QString folderOf(const QString &digest) const;
    bool discard(const QString &digest) const;
    void discardNameless() const;

    QString m_directory;
    ImageLimits m_limits;
};

/// What to do about an image that has not been imported.
QString importAdvice(const QString &name);

} // namespace skillbox
