#pragma once

#include "app/desktop/shell/page.h"
#include "engine/remote/sign_in.h"

#include <QDialog>
#include <QLabel>
#include <QPushButton>

#include <stop_token>

namespace skillbox {

/// Signs in to a team server: shows the address and the code, and waits until the person has signed
/// in there. Accepted when it is done; closing it gives up.
class SignInDialog : public QDialog
{
    Q_OBJECT

public:
    SignInDialog(const Desk &desk, const Remote &remote, QWidget *parent = nullptr);
    ~SignInDialog() override;

private:
    void begin();
    void showCode(const DeviceLogin &login);
    void finish(const Result<SignInRecord> &record);

    Desk m_desk;
    const Remote m_remote;
    std::stop_source m_stop;
    QString m_browserAddress;
    QLabel *m_state;
    QLabel *m_address;
    QLabel *m_code;
    QPushButton *m_open;
    QPushButton *m_copy;
    QPushButton *m_again;
};

} // namespace skillbox
