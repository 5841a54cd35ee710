#pragma once

#include "app/desktop/session/skill_job.h"
#include "app/desktop/theme/theme.h"

#include <QFrame>
#include <QLabel>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>

namespace skillbox {

/// What the running job does, in a line below the list; there only while it runs.
class JobBar : public QFrame
{
    Q_OBJECT

public:
    explicit JobBar(QWidget *parent = nullptr);
    void follow(SkillJob *job);

    static QString jobTitle(const SkillJob &job);
    static QString itemTitle(const JobItem &item);

Q_SIGNALS:
    void detailsRequested(skillbox::SkillJob *job);

private:
    void show();

    QPointer<SkillJob> m_job;
    QLabel *m_text;
    QProgressBar *m_progress;
    QPushButton *m_details;
    QPushButton *m_cancel;
};

} // namespace skillbox
