#include "app/cli/install/skill_offers.h"

#include "app/cli/install/install_lock.h"
#include "engine/base/sha256.h"
#include "engine/remote/http_client.h"
#include "engine/skill/path_rules.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSaveFile>
#include <QTemporaryDir>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 maxIndexBytes = 16 << 20;
constexpr qsizetype maxIndexEntries = 20'000;

/// What an address gives, at most `most` bytes. No key goes anywhere, and no redirection is
/// followed: it could lead to another machine.
Result<QByteArray> fetchUrl(const QUrl &url, qint64 most, const QString &caFile)
{
    const QString origin = url.adjusted(QUrl::RemovePath | QUrl::RemoveQuery | QUrl::RemoveFragment)
                               .toString(QUrl::FullyEncoded);
    const auto server = parseServerAddress(origin);
    if (!server)
        return fail(server.error());
    auto client = HttpClient::create({.server = *server, .caFile = caFile});
    if (!client)
        return fail(client.error());
    QByteArray bytes;
    const QByteArray target = url.path(QUrl::FullyEncoded).toLatin1()
        + (url.hasQuery() ? '?' + url.query(QUrl::FullyEncoded).toLatin1() : QByteArray());
    const auto answer = (*client)->send(
        {.target = target.isEmpty() ? "/"_ba : target,
         .sink = [&](QByteArrayView piece) -> Result<void> {
             if (bytes.size() + piece.size() > most) {
                 return fail(ErrorCode::TooLarge,
                             u"%1 gives more than the %2 bytes that are taken"_s.arg(
                                 url.toString(), QString::number(most)));
             }
             bytes.append(piece);
             return {};
         },
         .repeat = Repeat::Safe});
    if (!answer)
        return fail(answer.error());
    if (answer->isSuccess())
        return bytes;
    const QString why = answer->status >= 300 && answer->status < 400
        ? u"it redirects to %1; name that address if you trust it"_s.arg(
            QString::fromUtf8(answer->header("location")).left(500))
        : u"it answers %1"_s.arg(answer->status);
    return fail(answer->status == 404 ? ErrorCode::NotFound : ErrorCode::Io,
                u"cannot fetch %1: %2"_s.arg(url.toString(), why));
}

Result<void> checkDigest(const QByteArray &bytes, const QString &digest, const QUrl &url)
{
    if (u"sha256:"_s + Sha256::of(bytes) == digest)
        return {};
    return fail(ErrorCode::InvalidSkill,
                u"%1 is not what its index says: it has another digest"_s.arg(url.toString()));
}

Result<void> writeBytes(const QString &path, const QByteArray &bytes)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return fail(ErrorCode::Io, u"cannot write '%1': %2"_s.arg(path, file.errorString()));
    return {};
}

struct IndexFile {
    QString path;
    QString digest; ///< empty: the index does not say
};

/// A site's index and what is needed to fetch from it.
struct Site {
    QUrl index;
    QString caFile;
    ArchiveLimits limits;

    /// Where an entry's address leads: https anywhere, else only on the index's own machine.
    Result<QUrl> resolve(const QString &text) const
    {
        const QUrl url = index.resolved(QUrl(text, QUrl::StrictMode));
        const bool sameOrigin = url.scheme() == index.scheme() && url.host() == index.host()
            && url.port() == index.port();
        if (!url.isValid() || url.host().isEmpty() || !url.userInfo().isEmpty()
            || (url.scheme() != u"https" && !sameOrigin)) {
            return fail(ErrorCode::InvalidSkill,
                        u"the index names an address that is not fetched: %1"_s.arg(
                            text.left(200)));
        }
        return url;
    }
};

/// The skill as an archive whose digest the index has.
Result<void> fetchArchive(const Site &site, const QUrl &url, const QString &digest,
                          const QString &target)
{
    const auto bytes = fetchUrl(url, site.limits.archiveBytes, site.caFile);
    if (!bytes)
        return fail(bytes.error());
    if (auto same = checkDigest(*bytes, digest, url); !same)
        return same;
    if (!bytes->startsWith("PK")) {
        return fail(ErrorCode::InvalidSkill,
                    u"%1 is no zip archive; others are not supported"_s.arg(url.toString()));
    }
    return writeBytes(target, *bytes);
}

/// The skill file by file, packed here.
Result<void> fetchFiles(const Site &site, const QUrl &folder, const QList<IndexFile> &files,
                        const QString &target)
{
    const QTemporaryDir scratch;
    if (!scratch.isValid())
        return fail(ErrorCode::Io, u"cannot make a temporary folder"_s);
    if (files.size() > site.limits.entries)
        return fail(ErrorCode::TooLarge,
                    u"the index lists more than %1 files"_s.arg(site.limits.entries));
    qint64 left = site.limits.unpackedBytes;
    PathSet paths;
    for (const IndexFile &file : files) {
        const auto path = checkedPath(file.path.toUtf8());
        if (!path || path->isEmpty()) {
            return fail(ErrorCode::InvalidSkill,
                        u"the index lists a file that cannot be: %1"_s.arg(file.path.left(200)));
        }
        if (auto limited = checkPathLimits(*path, site.limits); !limited)
            return limited;
        if (auto added = paths.add(*path, EntryKind::File); !added)
            return added;
        const QUrl url(
            folder.toString(QUrl::FullyEncoded)
            + QString::fromLatin1(QUrl::toPercentEncoding(QString::fromUtf8(*path), "/")));
        const auto bytes = fetchUrl(url, left, site.caFile);
        if (!bytes)
            return fail(bytes.error());
        left -= bytes->size();
        if (!file.digest.isEmpty()) {
            if (auto same = checkDigest(*bytes, file.digest, url); !same)
                return same;
        }
        const QString place = scratch.filePath(QString::fromUtf8(*path));
        if (!QDir().mkpath(QFileInfo(place).path()))
            return fail(ErrorCode::Io, u"cannot make a folder for '%1'"_s.arg(place));
        if (auto written = writeBytes(place, *bytes); !written)
            return written;
    }
    const auto packed = packDirectory(scratch.path(), target, site.limits);
    return packed ? Result<void>() : fail(packed.error());
}

Result<SkillOffer> offerOfEntry(const Site &site, const InstallSource &source,
                                const QJsonObject &entry)
{
    SkillOffer offer{.name = entry[u"name"].toString(), .source = source, .fetch = {}};
    offer.source.path = offer.name;
    const QString type = entry[u"type"].toString();
    const QString digest = entry[u"digest"].toString();
    if (!type.isEmpty()) {
        const auto url = site.resolve(entry[u"url"].toString());
        if (!url)
            return fail(url.error());
        if (type == u"archive") {
            offer.fetch = [site, url = *url, digest](const QString &target) {
                return fetchArchive(site, url, digest, target);
            };
        } else if (type == u"skill-md") {
            // A folder of one file: the address without the file's name.
            offer.fetch = [site, url = *url, digest](const QString &target) -> Result<void> {
                const auto bytes = fetchUrl(url, site.limits.unpackedBytes, site.caFile);
                if (!bytes)
                    return fail(bytes.error());
                if (auto same = checkDigest(*bytes, digest, url); !same)
                    return same;
                const QTemporaryDir folder;
                if (auto written = writeBytes(folder.filePath(u"SKILL.md"_s), *bytes); !written)
                    return written;
                const auto packed = packDirectory(folder.path(), target, site.limits);
                return packed ? Result<void>() : fail(packed.error());
            };
        } else {
            return fail(ErrorCode::InvalidSkill,
                        u"the index has %1 in a form that is not known: %2"_s.arg(offer.name,
                                                                                  type.left(50)));
        }
        return offer;
    }
    // Drafts before that: the files below a folder of the skill's name, with digests or without.
    QList<IndexFile> files;
    for (const QJsonValue &file : entry[u"files"].toArray()) {
        files += file.isString() ? IndexFile{file.toString(), {}}
                                 : IndexFile{file[u"path"].toString(), file[u"digest"].toString()};
        if (files.constLast().digest.isEmpty())
            offer.caveat =
                u"its index has no digests: what came is not known to be what was meant"_s;
    }
    const auto folder = site.resolve(offer.name + u'/');
    if (!folder)
        return fail(folder.error());
    offer.fetch = [site, folder = *folder, files](const QString &target) {
        return fetchFiles(site, folder, files, target);
    };
    return offer;
}

/// The index itself, or the first that there is at the site's well-known places.
Result<std::pair<QUrl, QByteArray>> findIndex(const QUrl &location, const QString &caFile)
{
    if (location.path().endsWith(u".json")) {
        return fetchUrl(location, maxIndexBytes, caFile).map([&](QByteArray bytes) {
            return std::pair(location, std::move(bytes));
        });
    }
    QString base = location.toString(QUrl::FullyEncoded | QUrl::RemoveQuery);
    while (base.endsWith(u'/'))
        base.chop(1);
    for (const QString &place : {u"agent-skills"_s, u"skills"_s}) {
        const QUrl url(base + u"/.well-known/"_s + place + u"/index.json"_s);
        auto bytes = fetchUrl(url, maxIndexBytes, caFile);
        if (bytes)
            return std::pair(url, std::move(*bytes));
        if (bytes.error().code != ErrorCode::NotFound)
            return fail(bytes.error());
    }
    return fail(ErrorCode::NotFound,
                u"%1 has no index of skills at /.well-known/agent-skills/index.json or "
                "/.well-known/skills/index.json"_s.arg(location.toString()));
}

} // namespace

Result<QList<SkillOffer>> offersOfIndex(const InstallSource &source, const QString &caFile,
                                        const ArchiveLimits &limits)
{
    const auto found = findIndex(QUrl(source.location, QUrl::StrictMode), caFile);
    if (!found)
        return fail(found.error());
    const Site site{found->first, caFile, limits};
    const QJsonDocument document = QJsonDocument::fromJson(found->second);
    if (!document.isObject() || !document[u"skills"].isArray()) {
        return fail(ErrorCode::InvalidSkill,
                    u"%1 is no index of skills"_s.arg(site.index.toString()));
    }
    QList<SkillOffer> offers;
    const QJsonArray entries = document[u"skills"].toArray();
    for (const QJsonValue &entry : entries) {
        const QString name = entry[u"name"].toString();
        if (offers.size() >= maxIndexEntries || !isInstallName(name)
            || (!source.path.isEmpty() && name != source.path))
            continue;
        const auto offer = offerOfEntry(site, source, entry.toObject());
        if (!offer)
            return fail(offer.error());
        offers += *offer;
    }
    if (offers.isEmpty())
        return fail(ErrorCode::NotFound, u"there is no such skill at %1"_s.arg(toText(source)));
    return offers;
}

} // namespace skillbox
