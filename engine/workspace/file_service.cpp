#include "engine/workspace/file_service.h"

#include "engine/base/clock.h"
#include "engine/base/content_type.h"
#include "engine/workspace/session_service.h"
#include "engine/workspace/stored_content.h"

#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype maxFileNameBytes = 255;
constexpr qsizetype maxContentTypeLength = 255;

Error noSuchFile(const FileId &id)
{
    return {ErrorCode::NotFound, u"there is no file \"%1\""_s.arg(id.value.left(128))};
}

Result<void> checkUpload(const FileService::Upload &upload)
{
    if (upload.name.isEmpty())
        return fail(ErrorCode::BadRequest, u"a file needs a name"_s);
    if (upload.name.toUtf8().size() > maxFileNameBytes) {
        return fail(ErrorCode::BadRequest,
                    u"the file's name is longer than %1 bytes"_s.arg(maxFileNameBytes));
    }
    const bool hasControl = std::any_of(upload.name.begin(), upload.name.end(), [](QChar c) {
        return c.category() == QChar::Other_Control;
    });
    if (hasControl || !upload.name.isValidUtf16()) {
        return fail(ErrorCode::BadRequest,
                    u"the file's name has a character that cannot be shown"_s);
    }
    if (!upload.session.isEmpty() && !SessionService::isSessionName(upload.session))
        return fail(ErrorCode::BadRequest, u"the file's session is not a session name"_s);
    return {};
}

/// What was said of the content if it is a media type at all (RFC 9110, 8.3.1), else what its name
/// says.
QString contentTypeFor(const FileService::Upload &upload)
{
    static const QRegularExpression mediaType(
        uR"(\A[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:;[ -~]*)?\z)"_s);
    const QString type = upload.contentType.trimmed();
    if (type.size() <= maxContentTypeLength && mediaType.match(type).hasMatch())
        return type;
    return contentTypeOf(upload.name);
}

AuditRecord auditOf(const FileRecord &file, const QString &action, const Origin &by)
{
    AuditRecord audit;
    audit.tenant = file.tenant;
    audit.at = nowUtc();
    audit.actor = by.actor;
    audit.action = action;
    audit.target = file.id.value;
    audit.details = {{u"name"_s, file.name},
                     {u"size_bytes"_s, file.sizeBytes},
                     {u"sha256"_s, file.blob.sha256}};
    audit.address = by.address;
    audit.requestId = by.requestId;
    return audit;
}

Result<StoredBlob> storeContent(BlobStore &blobs, QIODevice &content, qint64 maxBytes)
{
    Result<StoredBlob> stored = blobs.put(content, maxBytes);
    if (!stored && stored.error().code == ErrorCode::TooLarge) {
        return fail(ErrorCode::TooLarge,
                    u"the file is larger than the limit of %1 bytes"_s.arg(maxBytes));
    }
    return stored;
}

FileRecord draftOf(const TenantId &tenant, const FileService::Upload &upload,
                   const StoredBlob &stored)
{
    const QDateTime now = nowUtc();
    return {.id = {newUuid()},
            .tenant = tenant,
            .name = upload.name,
            .session = upload.session,
            .execution = {},
            .blob = stored.id,
            .contentType = contentTypeFor(upload),
            .sizeBytes = stored.size,
            .version = 1,
            .parent = {},
            .createdAt = now,
            .updatedAt = now};
}

} // namespace

FileService::FileService(MetadataStore &metadata, BlobStore &blobs, qint64 maxBytes)
    : m_metadata(metadata)
    , m_blobs(blobs)
    , m_maxBytes(maxBytes)
{
}

Result<FileRecord> FileService::create(const TenantId &tenant, const Upload &upload,
                                       QIODevice &content, const Origin &by)
{
    if (auto fine = checkUpload(upload); !fine)
        return fail(fine.error());
    if (auto within = checkRoom(m_metadata, tenant, content); !within)
        return fail(within.error());
    const qint64 start = content.pos();
    const auto stored = storeContent(m_blobs, content, m_maxBytes);
    if (!stored)
        return fail(stored.error());
    const FileRecord record = draftOf(tenant, upload, *stored);
    const AuditRecord audit = auditOf(record, u"file.create"_s, by);
    if (auto inserted = m_metadata.insertFile(record, &audit); !inserted) {
        releaseBlobs(m_metadata, m_blobs, {stored->id});
        return fail(inserted.error());
    }
    if (auto kept = keepStored(m_metadata, m_blobs, *stored, content, start); !kept) {
        (void)m_metadata.deleteFile(tenant, record.id);
        return fail(kept.error());
    }
    return record;
}

Result<FileRecord> FileService::addVersion(const TenantId &tenant, const FileId &id,
                                           const Upload &upload, QIODevice &content,
                                           const Origin &by)
{
    const auto member = find(tenant, id); // before the content is taken in
    if (!member)
        return fail(member.error());
    Upload named = upload;
    if (named.name.isEmpty())
        named.name = member->name;
    named.session = member->session;
    if (auto fine = checkUpload(named); !fine)
        return fail(fine.error());
    if (auto within = checkRoom(m_metadata, tenant, content); !within)
        return fail(within.error());
    const qint64 start = content.pos();
    const auto stored = storeContent(m_blobs, content, m_maxBytes);
    if (!stored)
        return fail(stored.error());
    const FileRecord draft = draftOf(tenant, named, *stored);
    const AuditRecord audit = auditOf(draft, u"file.update"_s, by);
    auto record = m_metadata.insertFileVersion(id, draft, &audit);
    if (!record || !*record) {
        releaseBlobs(m_metadata, m_blobs, {stored->id});
        return fail(record ? noSuchFile(id) : record.error());
    }
    if (auto kept = keepStored(m_metadata, m_blobs, *stored, content, start); !kept) {
        (void)m_metadata.deleteFile(tenant, draft.id);
        return fail(kept.error());
    }
    return std::move(**record);
}

Result<FileRecord> FileService::find(const TenantId &tenant, const FileId &id)
{
    if (!isUuid(id.value))
        return fail(noSuchFile(id));
    auto found = m_metadata.findFile(tenant, id);
    if (!found)
        return fail(found.error());
    if (!*found)
        return fail(noSuchFile(id));
    return std::move(**found);
}

Result<QList<FileRecord>> FileService::list(const TenantId &tenant, const FileFilter &filter)
{
    return m_metadata.listFiles(tenant, filter);
}

Result<QList<FileRecord>> FileService::versions(const TenantId &tenant, const FileId &id)
{
    if (!isUuid(id.value))
        return fail(noSuchFile(id));
    auto chain = m_metadata.listFileVersions(tenant, id);
    if (chain && chain->isEmpty())
        return fail(noSuchFile(id));
    return chain;
}

Result<std::unique_ptr<QIODevice>> FileService::open(const FileRecord &file)
{
    return openStored(m_blobs, file.blob, file.name);
}

Result<void> FileService::remove(const TenantId &tenant, const FileId &id, const Origin &by)
{
    const auto file = find(tenant, id);
    if (!file)
        return fail(file.error());
    const AuditRecord audit = auditOf(*file, u"file.delete"_s, by);
    const auto removed = m_metadata.deleteFile(tenant, id, &audit);
    if (!removed)
        return fail(removed.error());
    if (!*removed)
        return fail(noSuchFile(id));
    releaseBlobs(m_metadata, m_blobs, {(*removed)->blob});
    return {};
}

} // namespace skillbox
