#pragma once

#include "app/desktop/editor/open_files.h"
#include "app/desktop/editor/problems_panel.h"
#include "app/desktop/session/draft_checker.h"
#include "app/desktop/session/draft_syntax.h"

#include <QTimer>

namespace skillbox {

/// Live checking: asks the checker a moment after each edit about the skill that is being worked
/// on, and shows its answer in the texts, the tabs and the table of problems; makes fixes.
/// GUI thread.
class SkillCheck : public QObject
{
    Q_OBJECT

public:
    /// `engine` has the sandbox that scripts are parsed in.
    SkillCheck(OpenFiles &files, ProblemsPanel &panel, EngineThread &engine, QWidget *window,
               QObject *parent = nullptr);

    /// The skill whose problems are shown; empty: none.
    void setProject(const QString &project);
    const QString &project() const { return m_project; }
    /// Checks again after a pause.
    void schedule();
    void applyTheme(const Theme &theme) { m_theme = theme; }
    /// The newest answer about the project; null: none yet.
    const LintReport *report() const { return m_report ? &m_report->lint : nullptr; }
    /// Whether the answer is about what the texts are now.
    bool isCurrent() const { return m_answered == m_revision; }

    QList<Finding> findingsAt(const DocumentView &view, int line) const;
    /// What there is to say about this place: findings and fields.
    QString hoverText(DocumentView &view, int position) const;
    /// A menu of what can be done about the findings of the cursor's line, once they are known.
    void openFixMenu(DocumentView &view);
    void fix(const Finding &finding);
    void fixAll();
    void suppress(const Finding &finding);
    void explain(const Finding &finding);
    void convert(Dialect dialect);
    void goTo(const Finding &finding);

Q_SIGNALS:
    void checked();
    /// A file of the project shall be called otherwise.
    void renameWanted(const QString &file, const QString &to);

private:
    void ask();
    void take(const DraftReport &report);
    void askParsers();
    void showWaitingMenu();
    void showIn(DocumentView &view);
    void offer(const QString &title, const QString &file, const QByteArray &before,
               const QByteArray &after);
    DraftQuestion question() const;

    OpenFiles &m_files;
    ProblemsPanel &m_panel;
    QWidget *m_window;
    DraftChecker m_checker;
    DraftSyntax m_syntax;
    QTimer m_delay;
    QTimer m_parseDelay;
    Theme m_theme;
    QString m_project;
    quint64 m_revision = 0;
    quint64 m_answered = 0;
    std::optional<DraftReport> m_report;
    std::optional<Finding> m_waitingFix;  ///< until its file is open and checked
    QPointer<DocumentView> m_waitingMenu; ///< until its text is checked
    int m_waitingLine = 0;
};

} // namespace skillbox
