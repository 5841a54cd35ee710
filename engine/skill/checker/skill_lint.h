#pragma once

#include "engine/skill/checker/suppressions.h"
#include "engine/skill/manifest_reader.h"

#include <QHash>

namespace skillbox {

/// One run of the checker over one folder; see lintSkill(). Files are read and checked one after
/// the other, so memory does not grow with their number.
class SkillLint
{
public:
    SkillLint(QString directory, const LintOptions &options);

    LintReport run();

private:
    bool listFiles();
    bool readSkillFile();
    bool readSkillText(QByteArray text);
    bool tooLarge(qint64 size);
    void checkFolderName();
    void checkEntrypoint();
    void checkReferences();
    void checkFiles();
    void checkFile(const QString &path, qint64 size, bool executable, CheckState &state);
    void parseScripts();
    void rememberLines(const CheckedFile &file, const CheckState &state);
    void addFingerprints(QList<Finding> &findings) const;

    void hit(Rule rule, QString message, TextRange range = {}, QString hint = {},
             std::optional<Fix> fix = {});
    TextRange placeOf(const QString &field) const { return m_reading.places.value(field); }

    struct ListedFile {
        QString path;
        qint64 size;
        bool executable;
    };

    QString m_directory;
    const LintOptions &m_options;
    QString m_skillFile = QStringLiteral("SKILL.md");
    QList<ListedFile> m_listed;
    QStringList m_files;
    QByteArray m_text;
    ManifestReading m_reading;
    QList<RuleHit> m_hits;
    SuppressionBook m_suppressions;
    QHash<QPair<QString, int>, QByteArray>
        m_lines; ///< the text of lines that something was found on
    LintReport m_report;
};

} // namespace skillbox
