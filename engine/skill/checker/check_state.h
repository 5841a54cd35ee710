#pragma once

#include "engine/skill/checker/capabilities.h"
#include "engine/skill/checker/source_text.h"
#include "engine/skill/rules.h"

#include <QHash>
#include <QSet>
#include <QStringList>

namespace skillbox {

/// One file of a skill as the checks see it.
struct CheckedFile {
    QString path;
    qint64 size = 0;
    bool executable = false;
    bool complete = true;    ///< `text` holds all of it; else its beginning
    bool isManifest = false; ///< SKILL.md
    QByteArray tail = {};    ///< the last bytes of a file that is not complete
    SourceText text;

    bool isScript() const { return static_cast<unsigned>(text.kind()) & scriptKinds; }
};

/// What the checks of one skill have found so far.
class CheckState
{
public:
    CheckState(const Manifest *manifest, const QStringList &files)
        : m_manifest(manifest)
        , m_files(files.cbegin(), files.cend())
    {
    }

    const Manifest *manifest() const { return m_manifest; } ///< null: could not be read
    bool hasFile(const QString &path) const { return m_files.contains(path); }
    const QSet<QString> &files() const { return m_files; }

    /// Adds a hit at bytes [start, end) of the file; one per rule and line, and at most 20 per rule
    /// and file.
    void add(Rule rule, const CheckedFile &file, qsizetype start, qsizetype end, QString message,
             QString hint = {}, std::optional<Fix> fix = {});
    /// About the file as a whole.
    void addFile(Rule rule, const QString &path, QString message, QString hint = {});
    bool has(Rule rule, const QString &path) const;

    QList<RuleHit> hits;
    QList<CapabilityUse> uses;
    QSet<QString> secretReaders; ///< files that read what is nobody else's business

private:
    const Manifest *m_manifest;
    QSet<QString> m_files;
    QHash<QPair<int, QString>, QSet<int>> m_lines; ///< by rule and file
};

// The checks of one file, by subject. Each adds what it finds to the state.

void checkPatterns(const CheckedFile &file, CheckState &state); ///< SEC, NET, PRIV, OBF, PI tables
void checkSecrets(const CheckedFile &file, CheckState &state);  ///< SEC001–003
void checkEncodedText(const CheckedFile &file, CheckState &state);  ///< OBF002, OBF003
void checkCharacters(const CheckedFile &file, CheckState &state);   ///< PI005, OBF005–007
void checkMarkdown(const CheckedFile &file, CheckState &state);     ///< REF003, PI004
void checkScript(const CheckedFile &file, CheckState &state);       ///< SCR001, SCR003
void checkJsonFiles(const CheckedFile &file, CheckState &state);    ///< IO001–003
void checkDependencies(const CheckedFile &file, CheckState &state); ///< DEP001–007
void checkPackaging(const CheckedFile &file, CheckState &state);    ///< PKG002–008

// The checks of the skill as a whole, after its files.

/// META016–019 and 022. `body` is the Markdown.
void checkDescription(const Manifest &manifest, const QHash<QString, TextRange> &places,
                      QByteArrayView body, CheckState &state, const QString &skillFile);
/// NET001, NET004, PRIV004–007: what the code uses against what SKILL.md declares.
void checkCapabilities(const Manifest &manifest, const QHash<QString, TextRange> &places,
                       CheckState &state, const QString &skillFile);

/// How many tokens a model's tokenizer makes of the text, within some 15 %.
int estimateTokens(QByteArrayView text);

} // namespace skillbox
