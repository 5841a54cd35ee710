#include "app/desktop/server_page/server_page.h"

#include "app/desktop/server_page/connect_recipes.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/settings/settings.h"
#include "app/desktop/shell/command_registry.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/widgets/controls.h"

#include <QClipboard>
#include <QDateTime>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QInputDialog>
#include <QLocale>
#include <QScrollArea>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int labelWidth = 72;
constexpr int clientsShown = 20;
constexpr int clientsHeight = 150;

QLineEdit *shownValue(const QString &name)
{
    auto *field = new QLineEdit;
    field->setReadOnly(true);
    field->setAccessibleName(name);
    field->setProperty("textRole", u"code"_s);
    return field;
}

} // namespace

ServerPage::ServerPage(const Desk &desk, QString program)
    : m_desk(desk)
    , m_program(std::move(program))
    , m_state(badgeLabel({}))
    , m_note(textLabel({}, u"muted"_s))
    , m_toggle(new QPushButton)
    , m_address(shownValue(tr("Address of the local server")))
    , m_key(shownValue(tr("Key of the local server")))
    , m_reveal(new QPushButton(tr("Show")))
    , m_makeKey(new QPushButton(tr("Make a lasting key …")))
    , m_recipes(new QTabBar)
    , m_recipeText(textLabel({}, u"muted"_s))
    , m_recipe(new CodeView)
    , m_traffic(textLabel({}, u"muted"_s))
    , m_requests(new QTableView)
    , m_clients(new QTreeWidget)
    , m_splitter(new QSplitter)
{
    setObjectName(u"server"_s);
    auto *left = new QWidget;
    auto *column = new QVBoxLayout(left);
    column->setContentsMargins(24, 20, 16, 24);
    column->setSpacing(16);
    column->addWidget(buildAccess());
    column->addWidget(buildRecipes(), 1);
    auto *scroll = new QScrollArea;
    scroll->setWidget(left);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    m_splitter->addWidget(scroll);
    m_splitter->addWidget(buildTraffic());
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({600, 590});
    m_splitter->setChildrenCollapsible(false);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_splitter);

    LocalServerHost &server = desk.session.server();
    connect(&server, &LocalServerHost::stateChanged, this, &ServerPage::showServer);
    connect(&server, &LocalServerHost::requestsAnswered, this,
            [this](const QList<ServedRequest> &requests) {
                m_model.append(requests);
                showClients();
            });
    connect(&desk.session.engine(), &EngineThread::stateChanged, this, &ServerPage::showServer);
    addAction(desk.commands.add(
        u"server.copyAddress"_s, tr("Server"), tr("Copy the local server's address"), {},
        [this] { QGuiApplication::clipboard()->setText(m_desk.session.server().address()); }));
    addAction(desk.commands.add(
        u"server.copyKey"_s, tr("Server"), tr("Copy the local server's key"), {},
        [this] { QGuiApplication::clipboard()->setText(m_desk.session.server().key()); }));
    addAction(desk.commands.add(u"server.makeKey"_s, tr("Server"),
                                tr("Make a key for the local server …"), {},
                                [this] { makeKey(); }));
    showServer();
    showClients();
}

QWidget *ServerPage::buildAccess()
{
    QLayout *box = nullptr;
    QFrame *frame = card({}, {}, box);
    auto *column = static_cast<QVBoxLayout *>(box);
    auto *head = new QHBoxLayout;
    head->setSpacing(12);
    auto *title = new QLabel(tr("Local server"));
    title->setProperty("textRole", u"title"_s);
    head->addWidget(title);
    head->addWidget(m_state);
    head->addStretch(1);
    m_toggle->setObjectName(u"server.toggle"_s);
    head->addWidget(m_toggle);
    column->addLayout(head);
    column->addWidget(m_note);
    column->addSpacing(8);

    const auto addRow = [&](const QString &name, QLineEdit *field, QPushButton *extra,
                            std::function<QString()> text, const QString &objectName) {
        auto *row = new QHBoxLayout;
        row->setSpacing(8);
        auto *label = new QLabel(name);
        label->setFixedWidth(labelWidth);
        label->setBuddy(field);
        row->addWidget(label);
        row->addWidget(field, 1);
        if (extra)
            row->addWidget(extra);
        auto *copy = copyButton(tr("Copy"), std::move(text));
        copy->setObjectName(objectName);
        copy->setAccessibleName(tr("Copy: %1").arg(name));
        row->addWidget(copy);
        m_copies.append(copy);
        column->addLayout(row);
    };
    addRow(
        tr("Address"), m_address, nullptr, [this] { return m_desk.session.server().address(); },
        u"server.copyAddress"_s);
    m_key->setEchoMode(QLineEdit::Password);
    m_key->setObjectName(u"server.key"_s);
    m_address->setObjectName(u"server.address"_s);
    m_reveal->setCheckable(true);
    m_reveal->setObjectName(u"server.reveal"_s);
    m_reveal->setAccessibleName(tr("Show the key"));
    addRow(
        tr("Key"), m_key, m_reveal, [this] { return m_desk.session.server().key(); },
        u"server.copyKey"_s);
    auto *foot = new QHBoxLayout;
    foot->addSpacing(labelWidth + 8);
    foot->addWidget(textLabel(tr("This key is new with each start and for programs of this user. "
                                 "For a configuration file, make one that lasts."),
                              u"muted"_s),
                    1);
    m_makeKey->setObjectName(u"server.makeKey"_s);
    foot->addWidget(m_makeKey, 0, Qt::AlignTop);
    column->addLayout(foot);

    connect(m_toggle, &QPushButton::clicked, this, &ServerPage::toggle);
    connect(m_makeKey, &QPushButton::clicked, this, &ServerPage::makeKey);
    connect(m_reveal, &QPushButton::toggled, this, [this](bool shown) {
        m_key->setEchoMode(shown ? QLineEdit::Normal : QLineEdit::Password);
        m_reveal->setText(shown ? tr("Hide") : tr("Show"));
    });
    return frame;
}

QWidget *ServerPage::buildRecipes()
{
    QLayout *box = nullptr;
    QFrame *frame = card(tr("Connect"), {}, box);
    auto *column = static_cast<QVBoxLayout *>(box);
    m_recipes->setObjectName(u"server.recipes"_s);
    m_recipes->setAccessibleName(tr("Kinds of clients"));
    m_recipes->setDrawBase(false);
    m_recipes->setExpanding(false);
    m_recipes->setUsesScrollButtons(true);
    for (const ConnectRecipe &recipe : connectRecipes({}))
        m_recipes->addTab(recipe.title);
    column->addWidget(m_recipes);
    auto *copy = copyButton(tr("Copy"), [this] { return m_recipe->toPlainText() + u'\n'; });
    auto *head = new QHBoxLayout;
    head->setSpacing(12);
    head->addWidget(m_recipeText, 1);
    head->addWidget(copy, 0, Qt::AlignTop);
    column->addLayout(head);
    m_recipe->setObjectName(u"server.recipe"_s);
    m_recipe->setAccessibleName(tr("What to paste"));
    m_recipe->setMinimumHeight(180);
    auto *ground = new QFrame;
    ground->setProperty("surface", u"well"_s);
    auto *inside = new QVBoxLayout(ground);
    inside->setContentsMargins(1, 8, 1, 8);
    inside->addWidget(m_recipe);
    column->addWidget(ground, 1);
    copy->setObjectName(u"server.copyRecipe"_s);
    copy->setAccessibleName(tr("Copy what to paste"));
    connect(m_recipes, &QTabBar::currentChanged, this, &ServerPage::showRecipe);
    return frame;
}

QWidget *ServerPage::buildTraffic()
{
    auto *right = new QWidget;
    right->setProperty("surface", u"page"_s);
    auto *column = new QVBoxLayout(right);
    column->setContentsMargins(16, 20, 16, 16);
    column->setSpacing(8);
    auto *head = new QHBoxLayout;
    head->addWidget(textLabel(tr("Requests"), u"heading"_s), 1);
    auto *clear = new QPushButton(tr("Clear"));
    clear->setProperty("kind", u"flat"_s);
    head->addWidget(clear);
    column->addLayout(head);
    column->addWidget(m_traffic);
    m_requests->setObjectName(u"server.requests"_s);
    m_requests->setAccessibleName(tr("Requests, the newest first"));
    m_requests->setModel(&m_model);
    m_requests->setShowGrid(false);
    m_requests->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_requests->setSelectionMode(QAbstractItemView::SingleSelection);
    m_requests->setTabKeyNavigation(false);
    m_requests->setWordWrap(false);
    m_requests->setTextElideMode(Qt::ElideMiddle);
    m_requests->verticalHeader()->hide();
    m_requests->verticalHeader()->setDefaultSectionSize(28);
    QHeaderView *header = m_requests->horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionResizeMode(RequestLogModel::Path, QHeaderView::Stretch);
    const int widths[] = {84, 70, 0, 64, 80, 116};
    for (int i = 0; i < RequestLogModel::ColumnCount; ++i) {
        if (widths[i] > 0)
            header->resizeSection(i, widths[i]);
    }
    column->addWidget(m_requests, 1);
    column->addSpacing(8);
    column->addWidget(textLabel(tr("Clients"), u"heading"_s));
    m_clients->setObjectName(u"server.clients"_s);
    m_clients->setAccessibleName(tr("Clients, the latest first"));
    m_clients->setHeaderLabels({tr("Name"), tr("Requests"), tr("Last")});
    m_clients->setRootIsDecorated(false);
    m_clients->setUniformRowHeights(true);
    m_clients->setFixedHeight(clientsHeight);
    m_clients->header()->setStretchLastSection(false);
    m_clients->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    column->addWidget(m_clients);
    connect(clear, &QPushButton::clicked, &m_model, &RequestLogModel::clear);
    connect(&m_model, &QAbstractItemModel::modelReset, this, &ServerPage::showClients);
    return right;
}

void ServerPage::showServer()
{
    const LocalServerHost &server = m_desk.session.server();
    const EngineThread &engine = m_desk.session.engine();
    const bool on = server.state() == LocalServerHost::State::On;
    switch (server.state()) {
    case LocalServerHost::State::Off:
        setBadge(*m_state, tr("off"), u"plain"_s);
        m_note->setText(tr("Agents and programs on this machine cannot reach Skillbox now."));
        break;
    case LocalServerHost::State::Starting:
        setBadge(*m_state, tr("starting"), u"info"_s);
        m_note->setText(tr("It starts as soon as the store is open."));
        break;
    case LocalServerHost::State::On:
        setBadge(*m_state, tr("running"), u"success"_s);
        m_note->setText(server.takenPort() > 0
                            ? tr("Port %1 is taken by another program, so it has another one now.")
                                  .arg(server.takenPort())
                            : tr("For agents and programs on this machine only; it listens on the "
                                 "loopback address."));
        break;
    case LocalServerHost::State::Failed:
        setBadge(*m_state, tr("failed"), u"error"_s);
        m_note->setText(server.error().message);
        break;
    }
    if (engine.state() == EngineThread::State::Failed && !on) {
        setBadge(*m_state, tr("failed"), u"error"_s);
        m_note->setText(tr("The store cannot be opened, and without it there is nothing to serve: "
                           "%1")
                            .arg(engine.error().message));
    }
    m_toggle->setText(on || server.state() == LocalServerHost::State::Starting ? tr("Stop")
                                                                               : tr("Start"));
    m_address->setText(server.address());
    m_address->setPlaceholderText(tr("not running"));
    m_key->setText(server.key());
    for (QPushButton *copy : std::as_const(m_copies))
        copy->setEnabled(on);
    m_reveal->setEnabled(on);
    m_makeKey->setEnabled(engine.state() == EngineThread::State::Open);
    showRecipe();
}

void ServerPage::showRecipe()
{
    const LocalServerHost &server = m_desk.session.server();
    const bool on = server.state() == LocalServerHost::State::On;
    const QList<ConnectRecipe> recipes = connectRecipes(
        {.address = on ? server.address() : u"http://127.0.0.1:8080"_s,
         .keyFile = on ? server.keyFile()
                       : m_desk.session.engine().config().dataDirectory + u"/local.json"_s,
         .program = m_program});
    const ConnectRecipe recipe = recipes.value(m_recipes->currentIndex());
    m_recipeText->setText(recipe.explanation);
    m_recipe->setSource(recipe.text.trimmed(), recipe.fileName);
}

void ServerPage::showClients()
{
    const LocalServerHost &server = m_desk.session.server();
    m_traffic->setText(m_model.rowCount() == 0
                           ? tr("Nobody has asked anything yet. Requests appear here while they "
                                "are answered.")
                           : server.requestCount() == 1
                           ? tr("One request since the start")
                           : tr("%1 requests since the start").arg(server.requestCount()));
    if (!isVisible())
        return;
    m_clients->clear();
    for (const ServedClient &client : server.clients().mid(0, clientsShown)) {
        auto *row = new QTreeWidgetItem(m_clients,
                                        {clientTitle(client.name), QString::number(client.requests),
                                         QLocale::c().toString(client.last.time(), u"HH:mm:ss"_s)});
        row->setToolTip(0, plainToolTip(clientTitle(client.name)));
    }
}

void ServerPage::toggle()
{
    m_desk.commands.find(u"server.toggle"_s)->trigger();
}

void ServerPage::makeKey()
{
    if (m_desk.session.engine().state() != EngineThread::State::Open)
        return;
    auto *dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setObjectName(u"server.keyDialog"_s);
    dialog->setWindowTitle(tr("Make a lasting key"));
    dialog->setLabelText(
        tr("What is it for? The key may run and publish skills, until it is revoked."));
    dialog->setTextValue(tr("agent"));
    dialog->setOkButtonText(tr("Make and copy"));
    connect(dialog, &QInputDialog::textValueSelected, this, [this](const QString &name) {
        m_desk.session.server().createKey(
            this, name.trimmed(), Role::Publisher, [this, name](const Result<QString> &key) {
                if (!key) {
                    m_desk.notifications.post({.kind = NoticeKind::Error,
                                               .title = tr("No key was made"),
                                               .text = key.error().message});
                    return;
                }
                QGuiApplication::clipboard()->setText(*key);
                m_desk.notifications.post(
                    {.kind = NoticeKind::Success,
                     .title = tr("The key “%1” is in the clipboard").arg(name.trimmed()),
                     .text = tr("Paste it now: it is shown to nobody again. “skillbox key revoke” "
                                "takes it back.")});
            });
    });
    dialog->open();
}

void ServerPage::activate()
{
    showClients();
    m_toggle->setFocus();
}

void ServerPage::applyTheme(const Theme &theme)
{
    m_recipe->applyTheme(theme);
    m_model.setTheme(theme);
}

QJsonObject ServerPage::saveState() const
{
    return {{"splitter"_L1, QString::fromLatin1(m_splitter->saveState().toBase64())},
            {"recipe"_L1, m_recipes->currentIndex()}};
}

void ServerPage::restoreState(const QJsonObject &state)
{
    m_splitter->restoreState(
        QByteArray::fromBase64(state.value("splitter"_L1).toString().toLatin1()));
    m_recipes->setCurrentIndex(state.value("recipe"_L1).toInt());
}

} // namespace skillbox
