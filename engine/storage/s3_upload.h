#pragma once

#include "engine/storage/s3_client.h"

#include <QFile>

namespace skillbox {

/// What an error of the store says for people; `doing` as in "write".
Error s3Unexpected(const S3Client &client, const S3Answer &answer, const QString &doing);

/// Puts a file of known digest as one object. Larger ones go in parts, so that a break costs a part
/// and not the whole; of them, and of all but small ones, nothing is sent that is there already.
class S3Upload
{
public:
    /// Of a part: AWS wants 5 MiB at least and 10,000 parts at most.
    static constexpr qint64 usualPart = 16LL << 20;
    /// Of what is sent without a look whether it is there: as fast as the look, and a copy of it
    /// onto itself would be no less of a write.
    static constexpr qint64 smallObject = 256LL << 10;
    static constexpr qint64 largestObject = 5LL << 40; ///< by S3's rules

    explicit S3Upload(S3Client &client) : m_client(client) { }

    /// An object that is there gets the time of now.
    Result<void> put(const QByteArray &key, QFile &file, const QString &sha256);

private:
    Result<bool> putIfNew(const QByteArray &key, QFile &file, const QString &sha256);
    Result<void> putWhole(const QByteArray &key, QFile &file, const QString &sha256,
                          const QList<QPair<QByteArray, QByteArray>> &headers, S3Answer *answer);
    Result<bool> refresh(const QByteArray &key, qint64 size);
    Result<void> putInParts(const QByteArray &key, QFile &file);
    Result<QByteArray> sendParts(const QByteArray &key, const QByteArray &upload, QFile &file);
    Result<void> complete(const QByteArray &key, const QByteArray &upload, QByteArray parts,
                          qint64 size);

    S3Client &m_client;
};

/// Uploads in parts that were begun before `until` and are still not complete: given up.
Result<void> abortUploadsBefore(S3Client &client, const QDateTime &until);

} // namespace skillbox
