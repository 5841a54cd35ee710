#pragma once

#include <QFrame>
#include <QLabel>
#include <QMenu>
#include <QPushButton>

namespace skillbox {

/// What can be done with several chosen skills at once; there only while several are.
class ChosenBar : public QFrame
{
    Q_OBJECT

public:
    explicit ChosenBar(QWidget *parent = nullptr);
    /// `local`: how many of them are on this machine; `remote`: how many on a server only.
    void setCounts(qsizetype all, qsizetype local, qsizetype remote);
    QMenu &publishMenu() { return *m_publishMenu; }

Q_SIGNALS:
    void pullRequested();
    void exportRequested();
    void yankRequested();
    void deleteRequested();
    void clearRequested();

private:
    QLabel *m_text;
    QPushButton *m_publish;
    QMenu *m_publishMenu;
    QPushButton *m_pull;
    QPushButton *m_export;
    QPushButton *m_yank;
    QPushButton *m_delete;
};

} // namespace skillbox
