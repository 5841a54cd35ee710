#pragma once

#include "app/desktop/session/engine_thread.h"
#include "engine/skill/lint.h"

#include <QHash>
#include <QTemporaryDir>

#include <stop_token>

namespace skillbox {

/// Has the languages' own parsers look at the scripts of a skill that is being written, in the
/// sandbox and beside the GUI thread. What did not change since the last time is not parsed again.
/// One folder at a time; a new question ends the one that is under way. GUI thread.
class DraftSyntax : public QObject
{
    Q_OBJECT

public:
    explicit DraftSyntax(EngineThread &engine, QObject *parent = nullptr);
    ~DraftSyntax() override;

    /// `unsaved` stands for the files of these paths. Emits parsed() if anything is other than it
    /// was.
    void check(const QString &directory, const QStringList &scripts,
               const QHash<QString, QByteArray> &unsaved);

    /// What is known to be wrong; nothing about texts whose lines moved since they were parsed.
    QList<ScriptProblem> problems(const QString &directory,
                                  const QHash<QString, QByteArray> &unsaved) const;
    /// Why nothing could be parsed lately; empty: it could.
    const QString &failure() const { return m_failure; }

Q_SIGNALS:
    void parsed(const QString &directory);

private:
    /// What came of one script.
    struct Verdict {
        QByteArray state; ///< of the file: tells whether it is another one now
        qsizetype lines = 0;
        QList<ScriptProblem> problems;
    };
    using Verdicts = QHash<QString, Verdict>; ///< by path
    struct Question {
        QString directory;
        QStringList scripts;
        QHash<QString, QByteArray> unsaved;
    };
    static Result<Verdicts> parse(Engine &engine, const Question &question, const Verdicts &known,
                                  const QString &scratch, const std::stop_token &stop);
    void start();
    void take(const Result<Verdicts> &verdicts);

    EngineThread &m_engine;
    std::shared_ptr<QTemporaryDir> m_scratch; ///< belongs to the work under way, too
    QString m_directory;                      ///< of m_verdicts
    Verdicts m_verdicts;
    QString m_failure;
    std::optional<Question> m_waiting;
    std::optional<Question> m_running;
    std::stop_source m_stop;
};

} // namespace skillbox
