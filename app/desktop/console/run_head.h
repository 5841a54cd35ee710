#pragma once

#include "app/desktop/theme/theme.h"
#include "engine/storage/records.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QToolButton;

namespace skillbox {

class RunGauges;

/// What one sees of a run first: its state and why, whose it is, what can be done with it, and what
/// it uses.
class RunHead : public QWidget
{
    Q_OBJECT

public:
    explicit RunHead(QWidget *parent = nullptr);

    /// What does not change while it runs.
    void showRun(const ExecutionRecord &record);
    void showState(const ExecutionRecord &record);
    void setPinned(bool pinned);
    RunGauges &gauges() { return *m_gauges; }
    void applyTheme(const Theme &theme);

Q_SIGNALS:
    void rerunWanted();
    void editWanted();
    void compareWanted();
    void copyWanted();
    void pinWanted(bool pinned);
    void doctorWanted();

private:
    QLabel *m_statusIcon;
    QLabel *m_status;
    QLabel *m_reason;
    QLabel *m_skill;
    QLabel *m_caller;
    QToolButton *m_rerun;
    QToolButton *m_edit;
    QToolButton *m_pin;
    QToolButton *m_compare;
    QToolButton *m_copy;
    QPushButton *m_doctor;
    RunGauges *m_gauges;
    Theme m_theme;
    int m_shown = -1; ///< the status whose icon is shown
};

} // namespace skillbox
