#pragma once

#include "app/desktop/first_run/step_card.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/shell/page.h"
#include "app/desktop/text/code_view.h"
#include "app/desktop/widgets/state_view.h"

#include <QComboBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>

#include <memory>

namespace skillbox {

/// The first three steps: what this machine's sandbox can do, a skill in the catalog, and its first
/// run. Shown once by itself, later when it is asked for.
class WelcomePage : public Page
{
    Q_OBJECT

public:
    explicit WelcomePage(const Desk &desk);
    ~WelcomePage() override;
    void activate() override;
    void applyTheme(const Theme &theme) override;

private:
    void buildMachineStep();
    void buildSkillStep();
    void buildRunStep();
    void begin();
    void chooseExample();
    void addSkill();
    void run();
    void showRun(const Result<ExecutionRecord> &run);
    void leave(const QString &page);

    Desk m_desk;
    StateView *m_state;
    QScrollArea *m_scroll;
    StepCard *m_machine;
    StepCard *m_skill;
    StepCard *m_run;
    QComboBox *m_examples;
    QPushButton *m_add;
    QPlainTextEdit *m_input;
    QPushButton *m_start;
    CodeView *m_output;
    QWidget *m_next;
    QPushButton *m_showRun;
    std::unique_ptr<RunFeed> m_feed;
    ExecutionId m_id;
    QString m_published; ///< the skill that step 3 runs
};

} // namespace skillbox
