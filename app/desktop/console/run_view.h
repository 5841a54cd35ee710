#pragma once

#include "app/desktop/session/run_centre.h"
#include "app/desktop/shell/page.h"

#include <QElapsedTimer>
#include <QTimer>

class QTabWidget;
class QTreeWidget;

namespace skillbox {

class CodeView;
class LogPanel;
class OutputView;
class RunFilesPanel;
class RunHead;
class StateView;

/// One run: its state while it lasts and all it left.
class RunView : public QWidget
{
    Q_OBJECT

public:
    explicit RunView(const Desk &desk, QWidget *parent = nullptr);
    ~RunView() override;

    /// A run that was just started, with the feed of its events.
    void follow(const ExecutionId &id, std::unique_ptr<RunFeed> feed);
    /// Any run of the store.
    void show(const ExecutionId &id);
    void showNothing();
    void showStarting();
    /// No run came to be: why.
    void showRefusal(const Error &error);
    const ExecutionId &id() const { return m_id; }
    bool isOver() const { return isFinal(m_record.status); }
    const ExecutionRecord &record() const { return m_record; }
    LogPanel &log() { return *m_log; }
    void cancel();
    void applyTheme(const Theme &theme);
    QJsonObject saveState() const;
    void restoreState(const QJsonObject &state);

Q_SIGNALS:
    void rerunWanted(const skillbox::ExecutionId &id);
    void editWanted(const skillbox::ExecutionId &id);
    void compareWanted(const skillbox::ExecutionId &id);
    void copyWanted(const skillbox::ExecutionId &id);
    /// The run that is shown is over, and its record is here.
    void finished();

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void attach(std::unique_ptr<RunFeed> feed);
    void load();
    void fill(const ExecutionRecord &record);
    void fillOutput();
    void fillDetails();
    void tellState();
    void tellTime();
    void tellUsage();
    void askUsage();
    /// While it runs and somebody sees it.
    void setTicking(bool ticking);

    Desk m_desk;
    ExecutionId m_id;
    ExecutionRecord m_record;
    std::unique_ptr<RunFeed> m_feed;
    QElapsedTimer m_clock; ///< since it began to run, of a run that was started here
    QTimer m_tick;
    QTimer m_usageTick;
    bool m_tabChosen = false; ///< by the person, since this run began
    bool m_switching = false;
    StateView *m_state;
    RunHead *m_head;
    QTabWidget *m_tabs;
    OutputView *m_output;
    LogPanel *m_log;
    RunFilesPanel *m_files;
    QTreeWidget *m_sandbox;
    QTreeWidget *m_details;
    CodeView *m_input;
};

} // namespace skillbox
