#pragma once

#include "app/desktop/session/skill_reader.h"
#include "app/desktop/shell/page.h"

#include <QPushButton>
#include <QTimer>
#include <QTreeWidget>

namespace skillbox {

class StateView;

/// The newest runs of a skill on this machine.
class SkillRuns : public QWidget
{
    Q_OBJECT

public:
    explicit SkillRuns(const Desk &desk, QWidget *parent = nullptr);
    void show(const SkillDescription &skill);
    void applyTheme(const Theme &theme);

    static constexpr int shown = 100;

Q_SIGNALS:
    void runRequested();

protected:
    void showEvent(QShowEvent *event) override;

private:
    void load();
    void fill(const QList<ExecutionRecord> &runs);

    Desk m_desk;
    StateView *m_state;
    QTreeWidget *m_list;
    QList<ExecutionRecord> m_runs;
    QString m_name;
    QTimer m_delay;
    Theme m_theme;
    int m_question = 0;
};

} // namespace skillbox
