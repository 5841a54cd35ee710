#include "engine/registry/skill_fields.h"

#include "engine/files/scratch.h"
#include "engine/skill/manifest.h"

#include <QFile>

#include <cerrno>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString scriptName(Language language)
{
    switch (language) {
    case Language::Node: return u"main.js"_s;
    case Language::Bash: return u"main.sh"_s;
    case Language::Python: break;
    }
    return u"main.py"_s;
}

Result<QByteArray> manifestText(const SkillFields &fields)
{
    QByteArray text = "---\nname: x\n---\n";
    QList<std::pair<QString, QString>> header{{u"name"_s, fields.name},
                                              {u"description"_s, fields.description},
                                              {u"version"_s, fields.version}};
    if (!fields.code.isEmpty())
        header.append({u"lang"_s, languageName(fields.language)});
    for (const auto &[key, value] : header) {
        auto edited = withManifestField(text, key, value);
        if (!edited)
            return fail(edited.error());
        text = std::move(*edited);
    }
    const QString body = fields.instructions.trimmed();
    return body.isEmpty() ? text : text + '\n' + body.toUtf8() + '\n';
}

Result<void> writeNewFile(const QString &directory, const QString &name, const QByteArray &content)
{
    QFile file(directory + u'/' + name);
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly)
        || file.write(content) != content.size() || !file.flush()) {
        return fail(
            writeError(directory, file.error() == QFileDevice::ResourceError ? ENOSPC : EIO));
    }
    return {};
}

} // namespace

Result<void> writeSkillFolder(const SkillFields &fields, const QString &directory)
{
    const auto manifest = manifestText(fields);
    if (!manifest)
        return fail(manifest.error());
    if (auto written = writeNewFile(directory, u"SKILL.md"_s, *manifest); !written)
        return written;
    if (fields.code.isEmpty())
        return {};
    return writeNewFile(directory, scriptName(fields.language), fields.code.toUtf8());
}

} // namespace skillbox
