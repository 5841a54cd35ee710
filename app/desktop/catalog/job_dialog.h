#pragma once

#include "app/desktop/session/skill_job.h"
#include "app/desktop/shell/page.h"

#include <QDialog>
#include <QLabel>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QTextEdit>
#include <QTreeWidget>

namespace skillbox {

class SkillCompare;

/// What became of each thing of a job, and what can be done about those that did not work out:
/// try again, compare both contents of a conflict, give one's own another version.
class JobDialog : public QDialog
{
    Q_OBJECT

public:
    JobDialog(const Desk &desk, SkillJob &job, const Theme &theme, QWidget *parent = nullptr);
    SkillJob *job() const { return m_job; }
    void applyTheme(const Theme &theme);

    static QString summary(const SkillJob &job);

private:
    void fill();
    void showItem();
    void compareCurrent();
    const JobItem *currentItem() const;

    Desk m_desk;
    QPointer<SkillJob> m_job;
    QLabel *m_title;
    QLabel *m_summary;
    QProgressBar *m_progress;
    QTreeWidget *m_items;
    QTextEdit *m_detail;
    SkillCompare *m_compare;
    QPushButton *m_compareButton;
    QPushButton *m_edit;
    QPushButton *m_retry;
    QPushButton *m_cancel;
    QPushButton *m_close;
    Theme m_theme;
};

} // namespace skillbox
