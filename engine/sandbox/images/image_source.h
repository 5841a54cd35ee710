#pragma once

#include "engine/base/result.h"
#include "engine/files/scratch.h"
#include "engine/sandbox/images/blob_stream.h"
#include "engine/sandbox/images/image_record.h"

#include <QHash>

#include <optional>
#include <stop_token>

namespace skillbox {

/// The file or folder that an image is imported from, as files that can be opened by name. A
/// compressed archive is inflated once into a temporary file, because its files are read in another
/// order than they come in; a compressed root file system is not.
class ImageSource
{
public:
    enum class Kind {
        OciLayout,      ///< oci-layout, index.json, blobs/
        DockerArchive,  ///< manifest.json and what it names
        RootFileSystem, ///< a tar of the files themselves
    };

    /// `scratchFolder` exists and is where a temporary file may go.
    static Result<ImageSource> open(const QString &path, const QString &scratchFolder,
                                    const ImageLimits &limits, const std::stop_token &stop);

    Kind kind() const { return m_kind; }
    bool has(const QByteArray &name) const;
    /// A file of a layout or an archive. BadRequest: there is none.
    Result<Blob> file(const QByteArray &name) const;
    /// The whole of it, at most ImageLimits::jsonBytes long.
    Result<QByteArray> smallFile(const QByteArray &name) const;
    /// The tar of a root file system, compressed or not.
    Result<Blob> whole() const;

private:
    struct Member {
        qint64 offset = 0;
        qint64 size = 0;
        QByteArray link; ///< the member it is a link to; empty: it is a file
    };
    enum class Found { Undecided, RootFileSystem };

    explicit ImageSource(const ImageLimits &limits) : m_limits(limits) { }
    Result<void> indexTar();
    Result<Found> addMember(const QByteArray &name, Member member);
    Result<bool> isCompressedRootFileSystem(const std::stop_token &stop) const;
    Result<void> inflate(const QString &scratchFolder, const std::stop_token &stop);
    Result<void> decideKind();

    ImageLimits m_limits;
    Kind m_kind = Kind::RootFileSystem;
    UniqueFd m_folder;                   ///< of a layout that is a folder
    UniqueFd m_file;                     ///< of an archive
    std::optional<Scratch> m_inflated;   ///< holds the inflated archive
    QHash<QByteArray, Member> m_members; ///< of an archive
};

} // namespace skillbox
