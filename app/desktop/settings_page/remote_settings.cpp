#include "app/desktop/settings_page/remote_settings.h"

#include "app/desktop/session/desktop_session.h"
#include "app/desktop/settings_page/sign_in_dialog.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/widgets/controls.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {

RemoteSettings::RemoteSettings(const Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_list(new QTreeWidget)
    , m_note(textLabel({}, u"muted"_s))
    , m_add(new QPushButton(tr("Add a server …")))
    , m_change(new QPushButton(tr("Change …")))
    , m_check(new QPushButton(tr("Check")))
    , m_sign(new QPushButton(tr("Sign in …")))
    , m_remove(new QPushButton(tr("Remove")))
{
    m_list->setObjectName(u"servers.list"_s);
    m_list->setAccessibleName(tr("Team servers"));
    m_list->setHeaderLabels({tr("Name"), tr("Address"), tr("State")});
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setProperty("surface", u"table"_s);
    m_list->header()->setStretchLastSection(true);
    m_list->header()->resizeSection(0, 140);
    m_list->header()->resizeSection(1, 280);
    m_list->setTextElideMode(Qt::ElideMiddle);
    m_add->setObjectName(u"servers.add"_s);
    m_change->setObjectName(u"servers.change"_s);
    m_check->setObjectName(u"servers.check"_s);
    m_sign->setObjectName(u"servers.sign"_s);
    m_remove->setObjectName(u"servers.remove"_s);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addWidget(m_list, 1);
    column->addWidget(m_note);
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    for (QPushButton *button : {m_add, m_change, m_check, m_sign, m_remove})
        row->addWidget(button);
    row->addStretch(1);
    column->addLayout(row);

    connect(m_add, &QPushButton::clicked, this,
            [this] { Q_EMIT m_desk.navigation.teamServerRequested({}); });
    connect(m_change, &QPushButton::clicked, this,
            [this] { Q_EMIT m_desk.navigation.teamServerRequested(chosenName()); });
    connect(m_list, &QTreeWidget::itemActivated, m_change, &QPushButton::click);
    connect(m_list, &QTreeWidget::currentItemChanged, this, &RemoteSettings::showChosen);
    connect(m_check, &QPushButton::clicked, this, &RemoteSettings::check);
    connect(m_sign, &QPushButton::clicked, this, &RemoteSettings::signInOrOut);
    connect(m_remove, &QPushButton::clicked, this, &RemoteSettings::remove);
    connect(&desk.session.remotes(), &RemoteServers::changed, this, &RemoteSettings::showServers);
    showServers();
}

QString RemoteSettings::chosenName() const
{
    const QTreeWidgetItem *item = m_list->currentItem();
    return item ? item->text(0) : QString();
}

void RemoteSettings::showServers()
{
    const RemoteServers &remotes = m_desk.session.remotes();
    const QString chosen = chosenName();
    m_list->clear();
    for (const Remote &remote : remotes.servers()) {
        auto *item = new QTreeWidgetItem(
            m_list, {remote.name, remote.address, m_states.value(remote.name)});
        for (int i = 0; i < 3; ++i)
            item->setToolTip(i, plainToolTip(item->text(i)));
        if (remote.name == chosen)
            m_list->setCurrentItem(item);
    }
    if (!m_list->currentItem())
        m_list->setCurrentItem(m_list->topLevelItem(0));
    const bool usable = remotes.error().message.isEmpty();
    m_note->setText(!usable ? remotes.error().message
                        : remotes.servers().isEmpty()
                        ? tr("There is none yet. A team server shares skills between machines; the "
                             "command line has the same list: “skillbox remote list”.")
                        : tr("The command line has the same list: “skillbox remote list”."));
    showChosen();
}

void RemoteSettings::showChosen()
{
    const bool any = m_list->currentItem();
    for (QPushButton *button : {m_change, m_check, m_sign, m_remove})
        button->setEnabled(any);
    const Remote *chosen = m_desk.session.remotes().find(chosenName());
    const bool isSignedIn = chosen && m_desk.session.remotes().isSignedIn(*chosen);
    m_sign->setText(isSignedIn ? tr("Sign out") : tr("Sign in …"));
    // Who has given a key is let in by it.
    m_sign->setEnabled(chosen && chosen->apiKey.isEmpty());
}

void RemoteSettings::signInOrOut()
{
    const Remote *chosen = m_desk.session.remotes().find(chosenName());
    if (!chosen)
        return;
    const Remote remote = *chosen;
    if (!m_desk.session.remotes().isSignedIn(remote)) {
        auto *dialog = new SignInDialog(m_desk, remote, this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        connect(dialog, &QDialog::accepted, this, &RemoteSettings::check);
        dialog->open();
        return;
    }
    m_desk.session.remotes().signOut(this, remote, [this, remote](const Result<SignedOut> &out) {
        m_states.remove(remote.name);
        showServers();
        if (!out) {
            m_desk.notifications.post({.kind = NoticeKind::Error,
                                       .title = tr("You are still signed in"),
                                       .text = out.error().message});
        } else if (!out->notRevoked.isEmpty()) {
            m_desk.notifications.post(
                {.kind = NoticeKind::Warning,
                 .title = tr("The sign-in service could not be told"),
                 .text = tr("What it gave is removed here and stays valid until it expires. %1")
                             .arg(out->notRevoked)});
        }
    });
}

void RemoteSettings::check()
{
    const Remote *known = m_desk.session.remotes().find(chosenName());
    if (!known)
        return;
    const QString name = known->name;
    m_states[name] = tr("checking …");
    showServers();
    m_desk.session.remotes().check(this, *known, [this, name](const Result<QString> &version) {
        m_states[name] = version ? tr("answers, version %1").arg(*version)
                                 : version.error().message;
        showServers();
    });
}

void RemoteSettings::remove()
{
    const Remote *known = m_desk.session.remotes().find(chosenName());
    if (!known)
        return;
    const Remote removed = *known;
    m_desk.session.remotes().remove(this, removed.name, [this, removed](const Result<void> &done) {
        if (!done) {
            m_desk.notifications.post({.kind = NoticeKind::Error,
                                       .title = tr("The server was not removed"),
                                       .text = done.error().message});
            return;
        }
        m_states.remove(removed.name);
        m_desk.notifications.post(
            {.kind = NoticeKind::Success,
             .title = tr("“%1” is not in the list any more").arg(removed.name),
             .text = {},
             .actionTitle = tr("Undo"),
             .action = [this, removed] {
                 m_desk.session.remotes().add(this, removed, RemoteList::Existing::Refuse,
                                              [](const Result<void> &) {});
             }});
    });
}

} // namespace skillbox
