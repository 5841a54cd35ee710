#include "app/desktop/settings_page/settings_page.h"

#include "app/desktop/session/desktop_session.h"
#include "app/desktop/settings/settings.h"
#include "app/desktop/settings_page/remote_settings.h"
#include "app/desktop/settings_page/shortcut_settings.h"
#include "app/desktop/shell/command_registry.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/widgets/controls.h"

#include <QDesktopServices>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QUrl>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int sectionsWidth = 208;
constexpr int sectionHeight = 36;
constexpr int contentWidth = 760;
constexpr int fieldWidth = 260;
constexpr int labelWidth = 72;

QFormLayout *form()
{
    auto *layout = new QFormLayout;
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setHorizontalSpacing(24);
    layout->setVerticalSpacing(12);
    layout->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    layout->setFormAlignment(Qt::AlignLeft | Qt::AlignTop);
    layout->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    return layout;
}

/// A form's own alignment leaves the words above the middle of the taller fields.
void addField(QFormLayout &form, const QString &title, QWidget *field)
{
    auto *label = new QLabel(title);
    label->setBuddy(field);
    label->setMinimumHeight(field->sizeHint().height());
    label->setMinimumWidth(labelWidth);
    form.addRow(label, field);
}

} // namespace

SettingsPage::SettingsPage(const Desk &desk)
    : m_desk(desk)
    , m_scaleNow(desk.settings.scale())
    , m_sections(new QListWidget)
    , m_stack(new QStackedWidget)
    , m_theme(new QComboBox)
    , m_scale(new QComboBox)
    , m_scaleNote(textLabel({}, u"muted"_s))
    , m_restart(new QPushButton(tr("Start again now")))
    , m_font(new QFontComboBox)
    , m_fontSize(new QSpinBox)
    , m_sample(new QLabel)
    , m_server(new QCheckBox(tr("Start the server with Skillbox")))
    , m_port(new QSpinBox)
    , m_serverNote(textLabel({}, u"muted"_s))
    , m_folder(textLabel({}, u"code"_s))
{
    setObjectName(u"settings"_s);
    m_sections->setObjectName(u"settings.sections"_s);
    m_sections->setAccessibleName(tr("Sections"));
    m_sections->setFixedWidth(sectionsWidth);
    m_sections->setProperty("surface", u"side"_s);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(m_sections);
    row->addWidget(m_stack, 1);
    connect(m_sections, &QListWidget::currentRowChanged, m_stack,
            &QStackedWidget::setCurrentIndex);

    addSection(tr("Appearance"), tr("How Skillbox looks. Changes show at once."),
               buildAppearance());
    addSection(tr("Editor"), tr("How source text is shown, everywhere."), buildEditor());
    addSection(tr("Shortcuts"), tr("Every command can have a key. Choose one, then press the new keys."),
               new ShortcutSettings(desk));
    addSection(tr("Local server"),
               tr("Agents and programs on this machine reach your skills through it."),
               buildServer());
    addSection(tr("Team servers"), tr("Where skills are published to and pulled from."),
               new RemoteSettings(desk));
    addSection(tr("Storage and privacy"), tr("Where everything is, and that it stays there."),
               buildStorage());
    m_sections->setCurrentRow(0);
    connect(&desk.settings, &Settings::changed, this, &SettingsPage::showSettings);
    connect(&desk.session.server(), &LocalServerHost::stateChanged, this,
            &SettingsPage::showSettings);
    connect(&desk.session.engine(), &EngineThread::stateChanged, this,
            &SettingsPage::showSettings);
    showSettings();
}

void SettingsPage::addSection(const QString &title, const QString &explanation, QWidget *content)
{
    auto *item = new QListWidgetItem(title, m_sections);
    item->setSizeHint(QSize(0, sectionHeight));
    auto *page = new QWidget;
    auto *column = new QVBoxLayout(page);
    column->setContentsMargins(32, 24, 32, 24);
    column->setSpacing(8);
    auto *heading = new QLabel(title);
    heading->setProperty("textRole", u"title"_s);
    column->addWidget(heading);
    column->addWidget(textLabel(explanation, u"muted"_s));
    column->addSpacing(16);
    content->setMaximumWidth(contentWidth);
    column->addWidget(content, 1);
    m_stack->addWidget(page);
}

QWidget *SettingsPage::buildAppearance()
{
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    QFormLayout *fields = form();
    m_theme->setObjectName(u"settings.theme"_s);
    m_theme->setAccessibleName(tr("Theme"));
    m_theme->addItem(tr("As the system"), u"system"_s);
    for (const QString &id : Theme::ids()) {
        if (const auto theme = Theme::load(id))
            m_theme->addItem(theme->name(), id);
    }
    m_theme->setFixedWidth(fieldWidth);
    addField(*fields, tr("Theme"), m_theme);
    m_scale->setObjectName(u"settings.scale"_s);
    m_scale->setAccessibleName(tr("Scale"));
    for (int percent = Settings::smallestScale; percent <= Settings::largestScale; percent += 25)
        m_scale->addItem(tr("%1 %").arg(percent), percent);
    m_scale->setFixedWidth(fieldWidth);
    addField(*fields, tr("Scale"), m_scale);
    column->addLayout(fields);
    column->addSpacing(8);
    auto *again = new QHBoxLayout;
    again->addWidget(m_scaleNote, 1);
    m_restart->setObjectName(u"settings.restart"_s);
    again->addWidget(m_restart);
    column->addLayout(again);
    column->addStretch(1);
    connect(m_theme, &QComboBox::activated, this,
            [this](int index) { m_desk.settings.setTheme(m_theme->itemData(index).toString()); });
    connect(m_scale, &QComboBox::activated, this,
            [this](int index) { m_desk.settings.setScale(m_scale->itemData(index).toInt()); });
    connect(m_restart, &QPushButton::clicked, &m_desk.navigation, &Navigation::restartRequested);
    return content;
}

QWidget *SettingsPage::buildEditor()
{
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    QFormLayout *fields = form();
    m_font->setObjectName(u"settings.font"_s);
    m_font->setAccessibleName(tr("Font of source text"));
    m_font->setFontFilters(QFontComboBox::MonospacedFonts);
    m_font->setEditable(false);
    m_font->setFixedWidth(fieldWidth);
    addField(*fields, tr("Font"), m_font);
    m_fontSize->setObjectName(u"settings.fontSize"_s);
    m_fontSize->setAccessibleName(tr("Size of source text in points"));
    m_fontSize->setRange(6, 36);
    m_fontSize->setSuffix(tr(" pt"));
    m_fontSize->setFixedWidth(fieldWidth);
    addField(*fields, tr("Size"), m_fontSize);
    column->addLayout(fields);
    column->addSpacing(16);
    m_sample->setText(u"def main(text: str) -> int:  # 0O 1lI {}[]()"_s);
    m_sample->setProperty("surface", u"sample"_s);
    m_sample->setAccessibleName(tr("A sample of the font"));
    column->addWidget(m_sample);
    column->addStretch(1);
    const auto choose = [this] {
        QFont font = m_font->currentFont();
        font.setPointSize(m_fontSize->value());
        m_desk.settings.setCodeFont(font);
    };
    connect(m_font, &QComboBox::activated, this, choose);
    connect(m_fontSize, &QSpinBox::valueChanged, this, choose);
    return content;
}

QWidget *SettingsPage::buildServer()
{
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    m_server->setObjectName(u"settings.server"_s);
    column->addWidget(m_server);
    QFormLayout *fields = form();
    m_port->setObjectName(u"settings.port"_s);
    m_port->setAccessibleName(tr("Port of the local server"));
    m_port->setRange(0, 65535);
    m_port->setSpecialValueText(tr("any free one"));
    m_port->setFixedWidth(fieldWidth);
    m_port->setKeyboardTracking(false);
    addField(*fields, tr("Port"), m_port);
    column->addLayout(fields);
    column->addWidget(m_serverNote);
    auto *more = new QPushButton(tr("Show the server page"));
    column->addWidget(more, 0, Qt::AlignLeft);
    column->addStretch(1);
    connect(m_server, &QCheckBox::clicked, this, [this](bool wanted) {
        m_desk.settings.setServerWanted(wanted);
        LocalServerHost &server = m_desk.session.server();
        if (wanted)
            server.start(m_desk.settings.serverPort());
        else
            server.stop();
    });
    connect(m_port, &QSpinBox::valueChanged, this, [this](int port) {
        m_desk.settings.setServerPort(port);
        LocalServerHost &server = m_desk.session.server();
        if (server.state() != LocalServerHost::State::Off) {
            server.stop();
            server.start(port);
        }
    });
    connect(more, &QPushButton::clicked, this,
            [this] { Q_EMIT m_desk.navigation.pageRequested(u"server"_s); });
    return content;
}

QWidget *SettingsPage::buildStorage()
{
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addWidget(textLabel(tr("Skills, runs and their files are kept in this folder:")));
    m_folder->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(m_folder);
    auto *open = new QPushButton(tr("Open the folder"));
    column->addWidget(open, 0, Qt::AlignLeft);
    column->addSpacing(12);
    column->addWidget(textLabel(
        tr("SKILLBOX_DATA_DIR names another one when Skillbox is started."), u"muted"_s));
    column->addSpacing(12);
    column->addWidget(textLabel(
        tr("Skillbox works offline and sends nothing anywhere: no telemetry, no update checks, no "
           "crash reports. It talks to another machine only when you publish to a team server, pull "
           "from one or look at one, and skills run without a network.")));
    column->addStretch(1);
    connect(open, &QPushButton::clicked, this, [this] {
        QDesktopServices::openUrl(
            QUrl::fromLocalFile(m_desk.session.engine().config().dataDirectory));
    });
    return content;
}

void SettingsPage::showSettings()
{
    const Settings &settings = m_desk.settings;
    m_theme->setCurrentIndex(qMax(0, m_theme->findData(settings.theme())));
    const int scale = settings.scale();
    int place = m_scale->findData(scale);
    if (place < 0) { // by hand in the file
        m_scale->addItem(tr("%1 %").arg(scale), scale);
        place = m_scale->count() - 1;
    }
    m_scale->setCurrentIndex(place);
    const bool restart = scale != m_scaleNow;
    m_scaleNote->setText(
        restart ? tr("The new scale shows when Skillbox is started again.")
                : tr("On top of what the screen's own scale is."));
    m_restart->setVisible(restart);

    showFont(settings.codeFont());

    const LocalServerHost &server = m_desk.session.server();
    m_server->setChecked(settings.serverWanted());
    const QSignalBlocker quiet(m_port);
    m_port->setValue(settings.serverPort());
    m_serverNote->setText(
        server.state() == LocalServerHost::State::On
            ? (server.takenPort() > 0
                   ? tr("It runs at %1, because port %2 is taken by another program.")
                         .arg(server.address())
                         .arg(server.takenPort())
                   : tr("It runs at %1.").arg(server.address()))
            : server.state() == LocalServerHost::State::Failed ? server.error().message
                                                               : tr("It does not run now."));
    m_folder->setText(m_desk.session.engine().config().dataDirectory);
}

void SettingsPage::showFont(const QFont &font)
{
    const QSignalBlocker quietFont(m_font);
    const QSignalBlocker quietSize(m_fontSize);
    m_font->setCurrentFont(font);
    if (font.pointSize() > 0)
        m_fontSize->setValue(font.pointSize());
    // The style sheet's font would win over setFont().
    m_sample->setStyleSheet(u"font-family: \"%1\"; font-size: %2pt;"_s.arg(
        QString(font.family()).remove(u'"'), QString::number(font.pointSizeF())));
}

void SettingsPage::activate()
{
    m_sections->setFocus();
}

void SettingsPage::applyTheme(const Theme &) { }

QJsonObject SettingsPage::saveState() const
{
    return {{"section"_L1, m_sections->currentRow()}};
}

void SettingsPage::restoreState(const QJsonObject &state)
{
    const int row = state.value("section"_L1).toInt();
    m_sections->setCurrentRow(qBound(0, row, m_sections->count() - 1));
}

} // namespace skillbox
