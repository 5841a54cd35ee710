#include "engine/skill/lint.h"

#include "engine/base/json_text.h"
#include "engine/skill/entrypoint.h"
#include "engine/skill/manifest_reader.h"
#include "engine/skill/markdown_references.h"
#include "engine/skill/path_rules.h"
#include "engine/skill/text_position.h"
#include "engine/skill/tree_reader.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSet>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 maxSchemaBytes = 1024 * 1024;

/// One skill's folder and what has been found in it so far.
class DirectoryLint
{
public:
    explicit DirectoryLint(QString directory) : m_directory(std::move(directory)) { }

    QList<RuleHit> check(FolderName folderName)
    {
        if (!QFileInfo(m_directory).isDir()) {
            hit(Rule::FileMissing, u"there is no folder %1"_s.arg(quotedName(m_directory)));
            return m_hits;
        }
        const bool listed = listFiles();
        if (!readSkillFile())
            return m_hits;
        if (folderName == FolderName::Meaningful)
            checkFolderName();
        if (listed) {
            checkEntrypoint();
            checkReferences();
            checkScripts();
            checkSchemas();
        }
        return m_hits;
    }

private:
    void hit(Rule rule, QString message, TextRange range = {}, QString hint = {})
    {
        m_hits += {rule, std::move(message), range, std::move(hint), m_skillFile};
    }

    TextRange placeOf(const QString &field) const { return m_reading.places.value(field); }

    bool listFiles()
    {
        const auto tree = TreeReader::open(m_directory, ArchiveLimits());
        if (!tree) {
            m_hits += {Rule::TreeUnusable, tree.error().message, {}, {}, QString()};
            return false;
        }
        for (const TreeFile &file : tree->files())
            m_files += QString::fromUtf8(file.path);
        return true;
    }

    bool readSkillFile()
    {
        QFileInfo info(QDir(m_directory), u"SKILL.md"_s);
        if (!info.exists()) {
            const QFileInfo lowerCase(QDir(m_directory), u"skill.md"_s);
            if (!lowerCase.exists()) {
                hit(Rule::FileMissing, u"the folder has no SKILL.md"_s, {},
                    u"Every skill has one; skillbox skill new makes a folder to begin with."_s);
                return false;
            }
            info = lowerCase;
            m_skillFile = u"skill.md"_s;
            hit(Rule::LowerCaseFileName, u"the file should be called SKILL.md"_s, {},
                u"Rename it."_s);
        }
        // A pipe or device would never end.
        QFile file(info.filePath());
        if (!info.isFile() || !file.open(QIODevice::ReadOnly)) {
            hit(Rule::FileUnreadable,
                info.isFile() ? u"SKILL.md cannot be read: %1"_s.arg(file.errorString())
                              : u"SKILL.md is not a file"_s);
            return false;
        }
        if (file.size() > maxManifestBytes) {
            hit(Rule::FileTooLarge,
                u"SKILL.md has %1 bytes; at most %2 are read"_s.arg(file.size())
                    .arg(maxManifestBytes),
                {}, u"Move long material to files below references/ and link to them."_s);
            return false;
        }
        m_text = file.read(maxManifestBytes + 1);
        m_reading = readManifest(m_text);
        for (RuleHit &found : m_reading.hits) {
            found.file = m_skillFile;
            m_hits += std::move(found);
        }
        return m_reading.manifest.has_value();
    }

    void checkFolderName()
    {
        const auto normal = [](const QString &text) {
            return text.normalized(QString::NormalizationForm_KC);
        };
        const QString folder = QFileInfo(QDir::cleanPath(QFileInfo(m_directory).absoluteFilePath()))
                                   .fileName();
        const QString &name = m_reading.manifest->name;
        if (!name.isEmpty() && normal(folder) != normal(name)) {
            hit(Rule::NameNotFolder,
                u"the name %1 differs from the folder's, %2"_s.arg(quotedName(name), quotedName(folder)),
                placeOf(u"name"_s), u"Rename one of them."_s);
        }
    }

    void checkEntrypoint()
    {
        const Manifest &manifest = *m_reading.manifest;
        const auto entrypoint = findEntrypoint(manifest, m_files);
        if (!entrypoint) {
            hit(Rule::EntrypointMissing, entrypoint.error().message, placeOf(u"entrypoint"_s));
            return;
        }
        if (!*entrypoint) {
            if (manifest.mode == SkillMode::Executable) {
                hit(Rule::NothingToExecute,
                    u"the mode is executable, but there is no script to run"_s, placeOf(u"mode"_s),
                    u"Add scripts/main.py or name one with entrypoint."_s);
            }
            return;
        }
        const auto byExtension = languageOfScript((*entrypoint)->path);
        if (manifest.language && byExtension && byExtension != manifest.language) {
            hit(Rule::LanguageMismatch,
                u"lang is %1, but the script that runs is %2"_s.arg(
                    languageName(*manifest.language), quotedName((*entrypoint)->path)),
                placeOf(u"lang"_s),
                u"Set lang to %1, or leave it out."_s.arg(languageName(*byExtension)));
        }
    }

    void checkReferences()
    {
        const TextPosition position(m_text);
        const QByteArrayView body = QByteArrayView(m_text).sliced(m_reading.bodyOffset);
        for (const MarkdownReference &reference : markdownReferences(body)) {
            if (m_files.contains(reference.path))
                continue;
            const bool link = reference.kind == MarkdownReference::Kind::Link;
            const auto otherCase = std::find_if(
                m_files.cbegin(), m_files.cend(), [&reference](const QString &file) {
                    return file.compare(reference.path, Qt::CaseInsensitive) == 0;
                });
            hit(link ? Rule::LinkBroken : Rule::ScriptMentionedMissing,
                u"the skill has no file %1"_s.arg(quotedName(reference.path)),
                position.range(m_reading.bodyOffset + reference.start,
                               m_reading.bodyOffset + reference.end),
                otherCase == m_files.cend() ? QString() : u"There is %1."_s.arg(quotedName(*otherCase)));
        }
    }

    QByteArray head(const QString &path, qint64 bytes) const
    {
        QFile file(m_directory + u'/' + path);
        return file.open(QIODevice::ReadOnly) ? file.read(bytes) : QByteArray();
    }

    void checkScripts()
    {
        for (const QString &path : std::as_const(m_files)) {
            if (!languageOfScript(path) && !path.startsWith(u"scripts/"))
                continue;
            const QByteArray start = head(path, 256);
            const qsizetype feed = start.indexOf('\n');
            if (start.startsWith("#!") && feed > 0 && start[feed - 1] == '\r') {
                m_hits += {Rule::CarriageReturnShebang,
                           u"the #! line ends in a carriage return, which becomes part of the "
                           "interpreter's name"_s,
                           {1, 1, 1, static_cast<int>(feed)},
                           u"Save the script with Unix line ends."_s,
                           path};
            }
        }
    }

    void checkSchemas()
    {
        for (const QString &path : {u"schemas/input.json"_s, u"schemas/output.json"_s}) {
            if (!m_files.contains(path))
                continue;
            const QByteArray text = head(path, maxSchemaBytes + 1);
            if (text.size() > maxSchemaBytes) {
                m_hits += {Rule::SchemaInvalid,
                           u"the schema has more than %1 bytes"_s.arg(maxSchemaBytes),
                           {},
                           {},
                           path};
                continue;
            }
            const auto json = JsonText::parse(text);
            if (!json || !json->isObject()) {
                m_hits += {Rule::SchemaInvalid,
                           u"the schema %1"_s.arg(json ? u"must be a JSON object"_s
                                                       : json.error().message),
                           {},
                           {},
                           path};
            }
        }
    }

    QString m_directory;
    QString m_skillFile = u"SKILL.md"_s;
    QStringList m_files;
    QByteArray m_text;
    ManifestReading m_reading;
    QList<RuleHit> m_hits;
};

} // namespace

std::optional<LintProfile> lintProfileFromName(QStringView name)
{
    if (name == u"skillbox")
        return LintProfile::Skillbox;
    if (name == u"agentskills")
        return LintProfile::AgentSkills;
    return std::nullopt;
}

QList<Finding> lintDirectory(const QString &directory, LintProfile profile, FolderName folderName)
{
    return findingsOf(DirectoryLint(directory).check(folderName), profile);
}

} // namespace skillbox
