#pragma once

#include "app/desktop/session/run_centre.h"
#include "app/desktop/shell/page.h"

class QLabel;
class QTabWidget;
class QToolButton;
class QTreeWidget;

namespace skillbox {

class DiffView;
class StateView;

/// Two runs and what differs between them: input, output, log and files.
class RunComparison : public QWidget
{
    Q_OBJECT

public:
    explicit RunComparison(const Desk &desk, QWidget *parent = nullptr);
    void compare(const ExecutionId &left, const ExecutionId &right);
    void applyTheme(const Theme &theme);

Q_SIGNALS:
    void closed();

private:
    struct Side {
        ExecutionId id;
        std::optional<ExecutionRecord> record;
    };
    void load(Side &side);
    void takeBoth();
    void showFile();
    QString titleOf(const ExecutionRecord &record) const;

    Desk m_desk;
    Side m_left;
    Side m_right;
    int m_question = 0;
    int m_fileQuestion = 0;
    StateView *m_state;
    QLabel *m_title;
    QToolButton *m_swap;
    QToolButton *m_close;
    QTabWidget *m_tabs;
    DiffView *m_output;
    DiffView *m_log;
    DiffView *m_input;
    DiffView *m_facts;
    QTreeWidget *m_files;
    DiffView *m_file;
};

} // namespace skillbox
