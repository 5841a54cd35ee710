#include "app/desktop/catalog/server_dialog.h"

#include "app/desktop/session/desktop_session.h"
#include "app/desktop/widgets/controls.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QStyle>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {

ServerDialog::ServerDialog(const Desk &desk, const Remote *known, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
    , m_isNew(!known)
    , m_name(new QLineEdit)
    , m_address(new QLineEdit)
    , m_key(new QLineEdit)
    , m_tenant(new QLineEdit)
    , m_outcome(textLabel({}, u"muted"_s))
    , m_check(new QPushButton(tr("Check")))
    , m_save(new QPushButton(m_isNew ? tr("Add the server") : tr("Save")))
{
    setObjectName(u"catalog.serverDialog"_s);
    setWindowTitle(m_isNew ? tr("Add a server") : tr("Server %1").arg(known->name));
    setAttribute(Qt::WA_DeleteOnClose);
    setModal(true);
    setMinimumWidth(480);
    m_name->setObjectName(u"server.name"_s);
    m_name->setPlaceholderText(u"team"_s);
    m_address->setObjectName(u"server.address"_s);
    m_address->setPlaceholderText(u"https://skills.example.com"_s);
    m_key->setObjectName(u"server.key"_s);
    m_key->setPlaceholderText(u"sk-…"_s);
    m_key->setEchoMode(QLineEdit::Password);
    m_tenant->setObjectName(u"server.tenant"_s);
    m_tenant->setPlaceholderText(tr("the key's own"));
    m_outcome->setObjectName(u"server.outcome"_s);
    m_outcome->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_check->setObjectName(u"server.check"_s);
    m_save->setObjectName(u"server.save"_s);
    m_save->setProperty("kind", u"primary"_s);
    m_save->setDefault(true);
    if (known) {
        m_name->setText(known->name);
        m_name->setReadOnly(true);
        m_address->setText(known->address);
        m_key->setText(known->apiKey);
        m_tenant->setText(known->tenant);
        m_caFile = known->caFile;
    }
    auto *form = new QFormLayout;
    form->setVerticalSpacing(8);
    form->setHorizontalSpacing(16);
    form->addRow(tr("&Name"), m_name);
    form->addRow(tr("&Address"), m_address);
    form->addRow(tr("&Key"), m_key);
    form->addRow(tr("&Tenant"), m_tenant);
    auto *buttons = new QDialogButtonBox;
    buttons->addButton(m_check, QDialogButtonBox::ActionRole);
    buttons->addButton(QDialogButtonBox::Cancel);
    buttons->addButton(m_save, QDialogButtonBox::AcceptRole);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(24, 20, 24, 20);
    column->setSpacing(12);
    column->addWidget(textLabel(tr("The key is kept in a file that only you can read. The command "
                                   "line knows the server by the same name."),
                                u"muted"_s));
    column->addLayout(form);
    column->addWidget(m_outcome);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_check, &QPushButton::clicked, this, &ServerDialog::check);
    connect(m_save, &QPushButton::clicked, this, &ServerDialog::save);
}

Remote ServerDialog::entered() const
{
    return {.name = m_name->text().trimmed(),
            .address = m_address->text().trimmed(),
            .apiKey = m_key->text().trimmed(),
            .tenant = m_tenant->text().trimmed(),
            .caFile = m_caFile};
}

void ServerDialog::say(const QString &text, const QString &role)
{
    m_outcome->setText(text);
    m_outcome->setProperty("textRole", role);
    m_outcome->style()->unpolish(m_outcome);
    m_outcome->style()->polish(m_outcome);
}

void ServerDialog::check()
{
    Remote remote = entered();
    if (remote.name.isEmpty())
        remote.name = tr("this server"); // only named in messages
    m_check->setEnabled(false);
    say(tr("Asking …"), u"muted"_s);
    m_desk.session.remotes().check(this, remote, [this](const Result<QString> &version) {
        m_check->setEnabled(true);
        if (version)
            say(tr("It answers and takes the key: Skillbox %1.").arg(*version), u"muted"_s);
        else
            say(version.error().message, u"error"_s);
    });
}

void ServerDialog::save()
{
    m_save->setEnabled(false);
    m_desk.session.remotes().add(
        this, entered(),
        m_isNew ? RemoteList::Existing::Refuse : RemoteList::Existing::Replace,
        [this](const Result<void> &added) {
            m_save->setEnabled(true);
            if (added)
                accept();
            else
                say(added.error().message, u"error"_s);
        });
}

} // namespace skillbox
