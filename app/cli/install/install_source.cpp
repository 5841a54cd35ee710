#include "app/cli/install/install_source.h"

#include <QFileInfo>
#include <QRegularExpression>
#include <QUrl>

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr std::array<std::pair<InstallSource::Kind, QLatin1StringView>, 5> kindNames{{
    {InstallSource::Kind::Folder, QLatin1StringView("folder")},
    {InstallSource::Kind::Archive, QLatin1StringView("archive")},
    {InstallSource::Kind::Git, QLatin1StringView("git")},
    {InstallSource::Kind::Index, QLatin1StringView("index")},
    {InstallSource::Kind::Server, QLatin1StringView("server")},
}};

/// Sites where an address without `.git` is a repository all the same.
constexpr std::array repositoryHosts{QLatin1StringView("github.com"),
                                     QLatin1StringView("gitlab.com"),
                                     QLatin1StringView("codeberg.org"),
                                     QLatin1StringView("bitbucket.org")};

/// `user@host:path`, as git takes it for ssh.
bool isShortSsh(const QString &text)
{
    static const QRegularExpression form(
        u"\\A[A-Za-z0-9._][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^/-][^\\s]*\\z"_s);
    return form.match(text).hasMatch();
}

bool isLoopback(const QString &host)
{
    return host == u"localhost" || host == u"127.0.0.1" || host == u"::1";
}

bool isGitAddress(const QString &address)
{
    if (isShortSsh(address))
        return true;
    const QUrl url(address, QUrl::StrictMode);
    if (url.scheme() == u"ssh" || url.scheme() == u"file" || url.path().endsWith(u".git"))
        return true;
    return url.scheme() == u"https"
        && std::any_of(repositoryHosts.begin(), repositoryHosts.end(),
                       [&url](QLatin1StringView host) { return url.host() == host; })
        && url.path().count(u'/') >= 2;
}

Result<void> checkGit(const InstallSource &source)
{
    static const QRegularExpression reference(u"\\A[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}\\z"_s);
    if (!source.reference.isEmpty()
        && (!reference.match(source.reference).hasMatch() || source.reference.contains(u".."))) {
        return fail(ErrorCode::BadRequest,
                    u"'%1' cannot be a branch, a tag or a commit"_s.arg(source.reference));
    }
    if (isShortSsh(source.location))
        return {};
    const QUrl url(source.location, QUrl::StrictMode);
    const bool isHost = !url.host().isEmpty() && !url.host().startsWith(u'-');
    const bool isFile = url.scheme() == u"file" && url.host().isEmpty()
        && url.path().startsWith(u'/');
    const bool isRemote = (url.scheme() == u"https" || url.scheme() == u"ssh") && isHost;
    if (!url.isValid() || (!isFile && !isRemote)) {
        return fail(ErrorCode::BadRequest,
                    u"'%1' is no address of a git repository that is fetched: https://, ssh://, "
                    "user@host:path or file:// are"_s.arg(source.location));
    }
    if (!url.password().isEmpty() || (url.scheme() == u"https" && !url.userName().isEmpty())) {
        return fail(ErrorCode::BadRequest,
                    u"the address of the repository holds a user name or a password; let git's own "
                    "credential helper keep them"_s);
    }
    return {};
}

Result<void> checkIndex(const InstallSource &source)
{
    const QUrl url(source.location, QUrl::StrictMode);
    const bool isSafe = url.scheme() == u"https"
        || (url.scheme() == u"http" && isLoopback(url.host()));
    if (!url.isValid() || url.host().isEmpty() || !isSafe || !url.userInfo().isEmpty()
        || url.hasFragment()) {
        return fail(
            ErrorCode::BadRequest,
            u"'%1' is no address that skills are fetched from: it must begin with https://, "
            "or with http:// for this machine"_s.arg(source.location));
    }
    return {};
}

Result<InstallSource> checked(InstallSource source)
{
    if (auto usable = checkInstallSource(source); !usable)
        return fail(usable.error());
    return source;
}

Result<InstallSource> parseGit(const QString &text)
{
    InstallSource source{.kind = InstallSource::Kind::Git, .location = text.section(u'#', 0, 0)};
    const QString behind = text.section(u'#', 1);
    source.reference = behind.section(u':', 0, 0);
    source.path = behind.section(u':', 1);
    return checked(std::move(source));
}

Result<InstallSource> parsePublished(const QString &text)
{
    static const QRegularExpression form(
        u"\\A([A-Za-z0-9][A-Za-z0-9._-]{0,127})(?:@([0-9A-Za-z.+_-]{1,128}))?\\z"_s);
    const auto match = form.match(text);
    if (!match.hasMatch()) {
        return fail(
            ErrorCode::BadRequest,
            u"'%1' is neither a folder, an archive, an address nor the name of a skill"_s.arg(
                text));
    }
    return InstallSource{.kind = InstallSource::Kind::Server,
                         .location = {},
                         .reference = match.captured(2),
                         .path = match.captured(1)};
}

} // namespace

Result<InstallSource> parseInstallSource(const QString &text)
{
    if (text.startsWith(u"git+"))
        return parseGit(text.sliced(4));
    const bool isAddress = text.contains(u"://");
    if (!isAddress && QFileInfo::exists(text)) {
        const QFileInfo info(text);
        return InstallSource{.kind = info.isDir() ? InstallSource::Kind::Folder
                                                  : InstallSource::Kind::Archive,
                             .location = info.absoluteFilePath()};
    }
    if (isGitAddress(text.section(u'#', 0, 0)))
        return parseGit(text);
    if (isAddress)
        return checked({.kind = InstallSource::Kind::Index, .location = text});
    if (text.contains(u'/') || text.startsWith(u'.') || text.endsWith(u".zip"))
        return fail(ErrorCode::NotFound, u"there is no file or folder '%1'"_s.arg(text));
    return parsePublished(text);
}

Result<void> checkInstallSource(const InstallSource &source)
{
    for (const QString &text : {source.location, source.reference, source.path}) {
        const bool hasControl = std::any_of(text.begin(), text.end(),
                                            [](QChar c) { return c < u' ' || c == u'\x7f'; });
        if (hasControl || text.startsWith(u'-') || text.size() > 4096)
            return fail(ErrorCode::BadRequest, u"the source of the skill cannot be used"_s);
    }
    for (const QString &part : source.path.split(u'/')) {
        if (part == u".." || (source.path.startsWith(u'/')))
            return fail(ErrorCode::BadRequest, u"'%1' leads out of the source"_s.arg(source.path));
    }
    switch (source.kind) {
    case InstallSource::Kind::Git: return checkGit(source);
    case InstallSource::Kind::Index: return checkIndex(source);
    case InstallSource::Kind::Folder:
    case InstallSource::Kind::Archive:
    case InstallSource::Kind::Server: break;
    }
    return {};
}

QJsonObject toJson(const InstallSource &source)
{
    QJsonObject object;
    for (const auto &[kind, name] : kindNames) {
        if (kind == source.kind)
            object.insert(u"kind"_s, QString(name));
    }
    const std::pair<QString, QString> members[] = {{u"location"_s, source.location},
                                                   {u"reference"_s, source.reference},
                                                   {u"path"_s, source.path},
                                                   {u"resolved"_s, source.resolved}};
    for (const auto &[name, value] : members) {
        if (!value.isEmpty())
            object.insert(name, value);
    }
    return object;
}

Result<InstallSource> installSourceFromJson(const QJsonObject &object)
{
    InstallSource source{.kind = InstallSource::Kind::Folder,
                         .location = object[u"location"].toString(),
                         .reference = object[u"reference"].toString(),
                         .path = object[u"path"].toString(),
                         .resolved = object[u"resolved"].toString()};
    const QString kind = object[u"kind"].toString();
    const auto found = std::find_if(kindNames.begin(), kindNames.end(),
                                    [&kind](const auto &row) { return kind == row.second; });
    if (found == kindNames.end())
        return fail(ErrorCode::BadRequest, u"the source has no known kind"_s);
    source.kind = found->first;
    return checked(std::move(source));
}

QString toText(const InstallSource &source)
{
    QString text = source.location;
    switch (source.kind) {
    case InstallSource::Kind::Git:
        if (!source.reference.isEmpty() || !source.path.isEmpty())
            text += u'#' + source.reference;
        if (!source.path.isEmpty())
            text += u':' + source.path;
        return text;
    case InstallSource::Kind::Folder:
        return source.path.isEmpty() ? text : text + u'/' + source.path;
    case InstallSource::Kind::Archive: return text;
    case InstallSource::Kind::Index: return text + u' ' + source.path;
    case InstallSource::Kind::Server: break;
    }
    const QString skill = source.reference.isEmpty() ? source.path
                                                     : source.path + u'@' + source.reference;
    return text.isEmpty() ? skill : text + u' ' + skill;
}

} // namespace skillbox
