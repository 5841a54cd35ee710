#include "engine/skill/checker/skill_lint.h"

#include "engine/base/sha256.h"
#include "engine/skill/checker/dialect.h"
#include "engine/skill/entrypoint.h"
#include "engine/skill/manifest_fields.h"
#include "engine/skill/markdown_references.h"
#include "engine/skill/path_rules.h"
#include "engine/skill/text_position.h"
#include "engine/skill/tree_reader.h"
#include "engine/skill/yaml_scalar.h"

#include <QBuffer>
#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Files up to this size are read whole; of larger ones the beginning and the end.
constexpr qint64 wholeFileBytes = 4LL << 20;
constexpr qint64 headBytes = 256 * 1024;
constexpr qint64 tailBytes = 70 * 1024; ///< a zip's end record with its longest comment

/// Byte offset of a place that TextPosition made.
qsizetype offsetOf(QByteArrayView text, int line, int column)
{
    qsizetype at = 0;
    for (int i = 1; i < line && at < text.size(); ++i)
        at = nextLine(text, at);
    for (int i = 1; i < column && at < text.size(); ++i) {
        ++at;
        while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80)
            ++at;
    }
    return at;
}

/// Replaces the place's text.
Fix replaceAt(QByteArrayView text, const TextRange &range, QString title, FixSafety safety,
              const QByteArray &replacement)
{
    const qsizetype start = offsetOf(text, range.line, range.column);
    const qsizetype end = offsetOf(text, range.endLine, range.endColumn);
    return {std::move(title), safety, {{start, end - start, replacement}}, {}};
}

bool isRunnable(const QString &path)
{
    for (const auto folder : {"assets/"_L1, "templates/"_L1, "references/"_L1, "examples/"_L1,
                              "node_modules/"_L1, "tests/fixtures/"_L1}) {
        if (path.startsWith(folder) || path.contains(u'/' + QString(folder)))
            return false;
    }
    return languageOfScript(path).has_value();
}

} // namespace

SkillLint::SkillLint(QString directory, const LintOptions &options)
    : m_directory(std::move(directory))
    , m_options(options)
{
}

LintReport SkillLint::run()
{
    if (!QFileInfo(m_directory).isDir()) {
        hit(Rule::FileMissing, u"there is no folder %1"_s.arg(quotedName(m_directory)));
        m_report.findings = findingsOf(m_hits, m_options.profile);
        return std::move(m_report);
    }
    const bool listed = listFiles();
    const bool hasManifest = readSkillFile();
    if (hasManifest && m_options.folderName == FolderName::Meaningful)
        checkFolderName();
    if (listed && hasManifest) {
        checkEntrypoint();
        checkReferences();
    }
    // The specification says nothing about what is in the files.
    if (listed && m_options.profile == LintProfile::Skillbox) {
        checkFiles();
        parseScripts();
    }
    m_report.findings = findingsOf(m_hits, m_options.profile);
    addFingerprints(m_report.findings);
    m_suppressions.apply(m_report, m_options.suppressions, m_options.profile);
    m_report.manifest = std::move(m_reading.manifest);
    return std::move(m_report);
}

void SkillLint::hit(Rule rule, QString message, TextRange range, QString hint,
                    std::optional<Fix> fix)
{
    m_hits += {rule, std::move(message), range, std::move(hint), m_skillFile, std::move(fix)};
}

bool SkillLint::listFiles()
{
    const auto tree = TreeReader::open(m_directory, ArchiveLimits());
    if (!tree) {
        m_hits += {Rule::TreeUnusable, tree.error().message, {}, {}, QString(), {}};
        return false;
    }
    for (const TreeFile &file : tree->files()) {
        m_files += QString::fromUtf8(file.path);
        const auto unsaved = m_options.unsaved.constFind(m_files.constLast());
        m_listed += ListedFile{m_files.constLast(),
                               unsaved == m_options.unsaved.cend() ? file.size : unsaved->size(),
                               file.executable};
    }
    for (auto it = m_options.unsaved.cbegin(); it != m_options.unsaved.cend(); ++it) {
        if (m_files.contains(it.key()))
            continue;
        m_files += it.key();
        m_listed += ListedFile{it.key(), it->size(), false};
    }
    return true;
}

bool SkillLint::readSkillFile()
{
    if (const auto unsaved = m_options.unsaved.constFind(m_skillFile);
        unsaved != m_options.unsaved.cend()) {
        return readSkillText(*unsaved);
    }
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
        hit(Rule::LowerCaseFileName, u"the file should be called SKILL.md"_s, {}, u"Rename it."_s,
            Fix{u"Rename the file to SKILL.md"_s, FixSafety::Safe, {}, u"SKILL.md"_s});
    }
    // A pipe or device would never end.
    QFile file(info.filePath());
    if (!info.isFile() || !file.open(QIODevice::ReadOnly)) {
        hit(Rule::FileUnreadable,
            info.isFile() ? u"SKILL.md cannot be read: "_s + file.errorString()
                          : u"SKILL.md is not a file"_s);
        return false;
    }
    if (file.size() > maxManifestBytes)
        return tooLarge(file.size());
    return readSkillText(file.read(maxManifestBytes + 1));
}

bool SkillLint::tooLarge(qint64 size)
{
    hit(Rule::FileTooLarge,
        u"SKILL.md has %1 bytes; at most %2 are read"_s.arg(size).arg(maxManifestBytes), {},
        u"Move long material to files below references/ and link to them."_s);
    return false;
}

bool SkillLint::readSkillText(QByteArray text)
{
    if (text.size() > maxManifestBytes)
        return tooLarge(text.size());
    m_text = std::move(text);
    m_reading = readManifest(m_text);
    bool converts = m_options.profile == LintProfile::AgentSkills;
    for (RuleHit &found : m_reading.hits) {
        found.file = m_skillFile;
        // One conversion makes all of these go away.
        if (converts && found.rule == Rule::RuntimeKey) {
            converts = false;
            if (const auto converted = convertDialect(m_text, Dialect::Specification)) {
                found.fix = Fix{u"Write the runtime's fields under metadata"_s,
                                FixSafety::Safe,
                                {{0, m_text.size(), *converted}},
                                {}};
            }
        }
        m_hits += std::move(found);
    }
    return m_reading.manifest.has_value();
}

void SkillLint::checkFolderName()
{
    const auto normal = [](const QString &text) {
        return text.normalized(QString::NormalizationForm_KC);
    };
    const QString folder = QFileInfo(QDir::cleanPath(QFileInfo(m_directory).absoluteFilePath()))
                               .fileName();
    const QString &name = m_reading.manifest->name;
    if (name.isEmpty() || normal(folder) == normal(name))
        return;
    const TextRange place = placeOf(u"name"_s);
    std::optional<Fix> fix;
    if (specificationName(folder) == folder && specificationName(name) == name) {
        fix = replaceAt(m_text, place, u"Name the skill like its folder"_s, FixSafety::Unsafe,
                        folder.toUtf8());
    }
    hit(Rule::NameNotFolder,
        u"the name %1 differs from the folder's, %2"_s.arg(quotedName(name), quotedName(folder)),
        place, u"Rename one of them."_s, std::move(fix));
}

void SkillLint::checkEntrypoint()
{
    const Manifest &manifest = *m_reading.manifest;
    const auto entrypoint = findEntrypoint(manifest, m_files);
    if (!entrypoint) {
        hit(Rule::EntrypointMissing, entrypoint.error().message, placeOf(u"entrypoint"_s));
        return;
    }
    if (!*entrypoint) {
        if (manifest.mode == SkillMode::Executable) {
            hit(Rule::NothingToExecute, u"the mode is executable, but there is no script to run"_s,
                placeOf(u"mode"_s), u"Add scripts/main.py or name one with entrypoint."_s);
        }
        return;
    }
    const auto byExtension = languageOfScript((*entrypoint)->path);
    if (manifest.language && byExtension && byExtension != manifest.language) {
        const QString language = languageName(*byExtension);
        hit(Rule::LanguageMismatch,
            u"lang is %1, but the script that runs is %2"_s.arg(languageName(*manifest.language),
                                                                quotedName((*entrypoint)->path)),
            placeOf(u"lang"_s), u"Set lang to %1, or leave it out."_s.arg(language),
            replaceAt(m_text, placeOf(u"lang"_s), u"Set lang to "_s + language, FixSafety::Unsafe,
                      language.toUtf8()));
    }
}

void SkillLint::checkReferences()
{
    const TextPosition position(m_text);
    const QByteArrayView body = QByteArrayView(m_text).sliced(m_reading.bodyOffset);
    for (const MarkdownReference &reference : markdownReferences(body)) {
        if (m_files.contains(reference.path))
            continue;
        const bool link = reference.kind == MarkdownReference::Kind::Link;
        const qsizetype start = m_reading.bodyOffset + reference.start;
        const qsizetype end = m_reading.bodyOffset + reference.end;
        const auto otherCase = std::find_if(
            m_files.cbegin(), m_files.cend(), [&reference](const QString &file) {
                return file.compare(reference.path, Qt::CaseInsensitive) == 0;
            });
        QString hint;
        std::optional<Fix> fix;
        if (otherCase != m_files.cend()) {
            hint = u"There is "_s + quotedName(*otherCase) + u'.';
            QByteArray written = m_text.sliced(start, end - start);
            const qsizetype at = written.indexOf(reference.path.toUtf8());
            if (at >= 0) {
                written.replace(at, reference.path.toUtf8().size(), otherCase->toUtf8());
                fix = Fix{u"Write the file's name as it is"_s,
                          FixSafety::Safe,
                          {{start, end - start, written}},
                          {}};
            }
        }
        hit(link ? Rule::LinkBroken : Rule::ScriptMentionedMissing,
            u"the skill has no file "_s + quotedName(reference.path), position.range(start, end),
            hint, std::move(fix));
    }
}

void SkillLint::checkFiles()
{
    const Manifest *manifest = m_reading.manifest ? &*m_reading.manifest : nullptr;
    CheckState state(manifest, m_files);
    for (const ListedFile &file : std::as_const(m_listed))
        checkFile(file.path, file.size, file.executable, state);
    if (manifest) {
        const QByteArrayView body = QByteArrayView(m_text).sliced(m_reading.bodyOffset);
        checkDescription(*manifest, m_reading.places, body, state, m_skillFile);
        checkCapabilities(*manifest, m_reading.places, state, m_skillFile);
        m_report.declared = declaredCapabilities(*manifest);
        m_report.instructionTokens = estimateTokens(body);
    }
    m_hits += state.hits;
    m_report.uses = std::move(state.uses);
}

void SkillLint::checkFile(const QString &path, qint64 size, bool executable, CheckState &state)
{
    QFile onDisk(m_directory + u'/' + path);
    QBuffer inMemory;
    const auto unsaved = m_options.unsaved.constFind(path);
    const bool isSaved = unsaved == m_options.unsaved.cend();
    if (!isSaved)
        inMemory.setData(*unsaved);
    QIODevice &source = isSaved ? static_cast<QIODevice &>(onDisk) : inMemory;
    if (!source.open(QIODevice::ReadOnly)) {
        // Somebody else's permissions; the packer says the same and cannot go on.
        m_hits += {Rule::TreeUnusable,
                   u"the file cannot be read: "_s + source.errorString(),
                   {},
                   {},
                   path,
                   {}};
        return;
    }
    const bool complete = size <= wholeFileBytes;
    QByteArray bytes = source.read(complete ? wholeFileBytes : headBytes);
    QByteArray tail;
    if (!complete && source.seek(std::max<qint64>(0, source.size() - tailBytes)))
        tail = source.read(tailBytes);
    const SourceKind kind = sourceKindOf(path, bytes);
    const CheckedFile file{.path = path,
                         .size = size,
                         .executable = executable,
                         .complete = complete,
                         .isManifest = path == m_skillFile,
                         .tail = std::move(tail),
                         .text = SourceText(std::move(bytes), kind)};
    checkPackaging(file, state);
    checkScript(file, state);
    checkJsonFiles(file, state);
    checkDependencies(file, state);
    checkPatterns(file, state);
    checkSecrets(file, state);
    checkEncodedText(file, state);
    checkCharacters(file, state);
    checkMarkdown(file, state);
    m_suppressions.add(file);
    rememberLines(file, state);
}

void SkillLint::parseScripts()
{
    if (!m_options.parseScripts)
        return;
    const QStringList scripts = scriptsToParse(m_files);
    if (scripts.isEmpty())
        return;
    const auto problems = m_options.parseScripts(m_directory, scripts);
    if (!problems) {
        m_report.notParsed = problems.error().message;
        return;
    }
    for (const ScriptProblem &problem : *problems) {
        TextRange place;
        if (problem.line > 0) {
            const int column = std::max(1, problem.column);
            place = {problem.line, column, problem.line, column};
        }
        m_hits += {Rule::ScriptSyntax,
                   u"the script does not parse: "_s + problem.message,
                   place,
                   {},
                   problem.file,
                   {}};
    }
}

void SkillLint::rememberLines(const CheckedFile &file, const CheckState &state)
{
    QSet<int> wanted;
    const auto want = [&](const QString &path, const TextRange &range) {
        if (path == file.path && range.line > 0)
            wanted.insert(range.line);
    };
    for (const RuleHit &found : state.hits)
        want(found.file, found.range);
    for (const RuleHit &found : std::as_const(m_hits))
        want(found.file, found.range);
    for (const CapabilityUse &use : state.uses)
        want(use.file, use.range);
    if (wanted.isEmpty())
        return;
    const QByteArrayView text(file.text.raw());
    int line = 1;
    for (qsizetype at = 0; at < text.size(); ++line) {
        const qsizetype next = nextLine(text, at);
        if (wanted.contains(line)) {
            const auto content = text.sliced(at, std::min<qsizetype>(next - at, 1000));
            m_lines.insert({file.path, line}, content.toByteArray().simplified());
        }
        at = next;
    }
}

void SkillLint::addFingerprints(QList<Finding> &findings) const
{
    QHash<QString, int> seen; // equal lines are told apart by their order
    for (Finding &finding : findings) {
        Sha256 hash;
        hash.add(finding.id.toUtf8());
        hash.add(QByteArrayView("\0", 1));
        hash.add(finding.file.toUtf8());
        hash.add(QByteArrayView("\0", 1));
        hash.add(m_lines.value({finding.file, finding.range.line}));
        const QString content = hash.finish().left(32);
        finding.fingerprint = u"%1:%2"_s.arg(content).arg(++seen[content]);
    }
}

QStringList scriptsToParse(const QStringList &files)
{
    QStringList scripts;
    std::copy_if(files.cbegin(), files.cend(), std::back_inserter(scripts), isRunnable);
    return scripts;
}

LintReport lintSkill(const QString &directory, const LintOptions &options)
{
    return SkillLint(directory, options).run();
}

QList<Finding> lintDirectory(const QString &directory, LintProfile profile, FolderName folderName)
{
    LintOptions options;
    options.profile = profile;
    options.folderName = folderName;
    options.suppressions = Suppressions::NotSecurityErrors;
    return lintSkill(directory, options).findings;
}

QList<Finding> lintText(QByteArrayView text, LintProfile profile)
{
    ManifestReading reading = readManifest(text);
    QList<RuleHit> hits = std::move(reading.hits);
    LintReport report;
    SuppressionBook suppressions;
    if (profile == LintProfile::Skillbox && text.size() <= maxManifestBytes) {
        const Manifest *manifest = reading.manifest ? &*reading.manifest : nullptr;
        // What lies beside the file is not known here; a script there would do for the body.
        CheckState state(manifest, {u"main.py"_s});
        const CheckedFile file{.path = u"SKILL.md"_s,
                             .size = text.size(),
                             .isManifest = true,
                             .text = SourceText(text.toByteArray(),
                                                sourceKindOf(u"SKILL.md"_s, text))};
        checkPatterns(file, state);
        checkSecrets(file, state);
        checkEncodedText(file, state);
        checkCharacters(file, state);
        checkMarkdown(file, state);
        suppressions.add(file);
        if (manifest) {
            checkDescription(*manifest, reading.places, text.sliced(reading.bodyOffset), state,
                             file.path);
        }
        hits += state.hits;
    }
    report.findings = findingsOf(hits, profile);
    suppressions.apply(report, Suppressions::Everything, profile);
    return report.findings;
}

} // namespace skillbox
