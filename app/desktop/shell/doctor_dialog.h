#pragma once

#include "app/desktop/session/desktop_session.h"

#include <QDialog>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace skillbox {

/// Every control of the sandbox: whether it works on this machine, why not, and what would mend
/// it.
class DoctorDialog : public QDialog
{
    Q_OBJECT

public:
    explicit DoctorDialog(DesktopSession &session, QWidget *parent = nullptr);

private:
    void examine();
    void show(const Result<QList<ControlState>> &controls);
    QString report() const;

    DesktopSession &m_session;
    QLabel *m_badge;
    QLabel *m_verdict;
    QVBoxLayout *m_rows;
    QPushButton *m_again;
    QList<ControlState> m_controls;
};

/// The sandbox in two words, as a badge: its kind and its text.
struct SandboxVerdict {
    QString badge;
    QString word;
    QString sentence;
};
SandboxVerdict sandboxVerdict(const Result<QList<ControlState>> &controls);

} // namespace skillbox
