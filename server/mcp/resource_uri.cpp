#include "server/mcp/resource_uri.h"

#include <QUrl>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype longestUri = 4096;
constexpr auto skillScheme = "skill://"_L1;
constexpr auto runScheme = "skillbox://executions/"_L1;

/// Slashes stay; what else has a meaning in a URI is encoded.
QString encodedPath(const QString &path)
{
    return QString::fromLatin1(QUrl::toPercentEncoding(path, "/"));
}

/// Nothing where it is not UTF-8 once decoded, or has a NUL.
std::optional<QString> decoded(QStringView text)
{
    const QByteArray bytes = QByteArray::fromPercentEncoding(text.toUtf8());
    if (!QByteArrayView(bytes).isValidUtf8() || bytes.contains('\0'))
        return std::nullopt;
    return QString::fromUtf8(bytes);
}

} // namespace

QString skillUri(const QString &skill, const QString &path)
{
    return skillScheme + encodedPath(skill) + u'/' + encodedPath(path);
}

QString runUri(const RunResourceUri &resource)
{
    const QString base = runScheme + resource.execution.value;
    switch (resource.what) {
    case RunResourceUri::What::File: return base + u"/files/"_s + encodedPath(resource.path);
    case RunResourceUri::What::Output: return base + u"/output"_s;
    case RunResourceUri::What::Logs: break;
    }
    return base + u"/logs"_s;
}

std::optional<std::variant<SkillFileUri, RunResourceUri>> parseResourceUri(const QString &uri)
{
    if (uri.size() > longestUri)
        return std::nullopt;
    if (uri.startsWith(skillScheme)) {
        const QStringView rest = QStringView(uri).sliced(skillScheme.size());
        const qsizetype slash = rest.indexOf(u'/');
        if (slash <= 0)
            return std::nullopt;
        const auto skill = decoded(rest.first(slash));
        const auto path = decoded(rest.sliced(slash + 1));
        if (!skill || !path || path->isEmpty())
            return std::nullopt;
        return SkillFileUri{*skill, *path};
    }
    if (!uri.startsWith(runScheme))
        return std::nullopt;
    const QStringView rest = QStringView(uri).sliced(runScheme.size());
    const qsizetype slash = rest.indexOf(u'/');
    if (slash < 0 || !isUuid(rest.first(slash)))
        return std::nullopt;
    RunResourceUri resource{.execution = {rest.first(slash).toString()}};
    const QStringView what = rest.sliced(slash + 1);
    if (what == u"output") {
        resource.what = RunResourceUri::What::Output;
        return resource;
    }
    if (what == u"logs") {
        resource.what = RunResourceUri::What::Logs;
        return resource;
    }
    if (!what.startsWith(u"files/"))
        return std::nullopt;
    const auto path = decoded(what.sliced(6));
    if (!path || path->isEmpty())
        return std::nullopt;
    resource.path = *path;
    return resource;
}

} // namespace skillbox
