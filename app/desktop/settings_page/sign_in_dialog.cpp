#include "app/desktop/settings_page/sign_in_dialog.h"

#include "app/desktop/session/desktop_session.h"
#include "app/desktop/widgets/controls.h"

#include <QDesktopServices>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QUrl>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {

SignInDialog::SignInDialog(const Desk &desk, const Remote &remote, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
    , m_remote(remote)
    , m_state(textLabel({}, u"muted"_s))
    , m_address(textLabel({}))
    , m_code(textLabel({}, u"title"_s))
    , m_open(new QPushButton(tr("Open in the browser")))
    , m_copy(copyButton(tr("Copy the code"), [this] { return m_code->text(); }))
    , m_again(new QPushButton(tr("Try again")))
{
    setWindowTitle(tr("Sign in to “%1”").arg(remote.name));
    setObjectName(u"signin"_s);
    m_state->setObjectName(u"signin.state"_s);
    m_address->setObjectName(u"signin.address"_s);
    m_code->setObjectName(u"signin.code"_s);
    m_open->setObjectName(u"signin.open"_s);
    m_again->setObjectName(u"signin.again"_s);
    for (QLabel *label : {m_address, m_code})
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_address->setAccessibleName(tr("The address to open"));
    m_code->setAccessibleName(tr("The code to enter there"));

    auto *column = new QVBoxLayout(this);
    column->setSpacing(12);
    column->addWidget(textLabel(tr(
        "Open this address in a browser, on this or any other device, and enter the code there.")));
    column->addWidget(m_address);
    column->addWidget(m_code);
    auto *row = new QHBoxLayout;
    for (QPushButton *button : {m_open, m_copy, m_again})
        row->addWidget(button);
    row->addStretch(1);
    column->addLayout(row);
    column->addWidget(m_state);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    column->addWidget(buttons);
    setMinimumWidth(460);

    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_open, &QPushButton::clicked, this,
            [this] { QDesktopServices::openUrl(QUrl(m_browserAddress)); });
    connect(m_again, &QPushButton::clicked, this, &SignInDialog::begin);
    begin();
}

SignInDialog::~SignInDialog()
{
    m_stop.request_stop();
}

void SignInDialog::begin()
{
    m_address->setText(u"…"_s);
    m_code->setText(u"…"_s);
    m_open->setEnabled(false);
    m_copy->setEnabled(false);
    m_again->hide();
    m_state->setText(tr("Asking %1 where you sign in …").arg(m_remote.address));
    m_desk.session.remotes().signIn(
        this, m_remote, [this](const DeviceLogin &login) { showCode(login); },
        [this](const Result<SignInRecord> &record) { finish(record); }, m_stop.get_token());
}

void SignInDialog::showCode(const DeviceLogin &login)
{
    m_address->setText(login.address());
    m_code->setText(login.userCode());
    // An address of the web, which DeviceLogin has made sure of: nothing else may be opened.
    m_browserAddress = login.addressWithCode().isEmpty() ? login.address()
                                                         : login.addressWithCode();
    m_open->setEnabled(true);
    m_copy->setEnabled(true);
    m_open->setFocus();
    m_state->setText(tr("Waiting until you have signed in there …"));
}

void SignInDialog::finish(const Result<SignInRecord> &record)
{
    if (record) {
        accept();
        return;
    }
    m_state->setText(record.error().message);
    m_open->setEnabled(false);
    m_copy->setEnabled(false);
    m_again->show();
    m_again->setFocus();
}

} // namespace skillbox
