#pragma once

#include "app/desktop/session/draft_tests.h"
#include "app/desktop/text/code_view.h"
#include "app/desktop/widgets/state_view.h"

#include <QTreeWidget>

namespace skillbox {

/// A skill's own test cases: their state, and what differed in the chosen one.
class TestsPanel : public QWidget
{
    Q_OBJECT

public:
    explicit TestsPanel(DraftTests &tests, QWidget *parent = nullptr);

    void setProject(const QString &project, const QStringList &files);
    void applyTheme(const Theme &theme);
    QStringList cases() const;

Q_SIGNALS:
    /// Run these cases; the asker adds what is not saved.
    void runWanted(const QStringList &files);
    void openWanted(const QString &file);
    void newCaseWanted();

private:
    enum class CaseState { Unknown, Waiting, Running, Passed, Failed };
    struct Case {
        CaseState state = CaseState::Unknown;
        DraftTestResult result;
    };
    void fill();
    void showCase();
    void setState(const QString &project, const QString &file, CaseState state);

    DraftTests &m_tests;
    QString m_project;
    QStringList m_files;
    QHash<QString, QHash<QString, Case>> m_cases; ///< by project and file
    QTreeWidget *m_list;
    CodeView *m_details;
    StateView *m_state;
    QPushButton *m_runAll;
    QPushButton *m_runOne;
    QPushButton *m_stop;
    QLabel *m_summary;
    Theme m_theme;
};

} // namespace skillbox
