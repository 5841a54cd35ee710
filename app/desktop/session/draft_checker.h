#pragma once

#include "engine/base/result.h"
#include "engine/skill/checker/dialect.h"
#include "engine/skill/checker/fixes.h"
#include "engine/skill/lint.h"

#include <QHash>
#include <QObject>
#include <QPointer>
#include <QThreadPool>

#include <functional>

namespace skillbox {

/// What is to be checked: a folder, with the contents that are not saved yet.
struct DraftQuestion {
    QString directory;
    QHash<QString, QByteArray> unsaved; ///< by path in the folder
    LintProfile profile = LintProfile::Skillbox;
    quint64 revision = 0;             ///< the asker's, to tell answers apart
    QList<ScriptProblem> syntax = {}; ///< what the languages' parsers said; see DraftSyntax
    QString notParsed = {};           ///< why they could not; empty: they could
};

struct DraftReport {
    DraftQuestion question;
    LintReport lint;
    QStringList scripts; ///< for a parser to look at
};

/// A folder's contents with every fix of a level made; nothing was written.
struct FixedDraft {
    QHash<QString, QByteArray> before; ///< of the files that changed
    QHash<QString, QByteArray> after;
    QList<AppliedFix> applied;
};

/// Runs the checker beside the GUI thread. While one folder is checked, later questions about it
/// wait, and of those only the newest is asked. GUI thread.
class DraftChecker : public QObject
{
    Q_OBJECT

public:
    explicit DraftChecker(QObject *parent = nullptr);
    ~DraftChecker() override;

    void check(const DraftQuestion &question);
    bool isBusy() const { return !m_running.isEmpty(); }
    /// Makes all fixes as safe as `level`, in rounds, until none is left. Renames are left out.
    void fixAll(QObject *receiver, const DraftQuestion &question, FixSafety level,
                std::function<void(FixedDraft)> done);

Q_SIGNALS:
    void checked(const skillbox::DraftReport &report);

private:
    void start(const DraftQuestion &question);

    QHash<QString, DraftQuestion> m_waiting; ///< by folder
    QHash<QString, quint64> m_running;
    QThreadPool m_pool;
};

} // namespace skillbox
