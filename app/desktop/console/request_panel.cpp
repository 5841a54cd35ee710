#include "app/desktop/console/request_panel.h"

#include "app/desktop/console/input_editor.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"
#include "engine/skill/quantity.h"

#include <QComboBox>
#include <QCompleter>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QTabWidget>
#include <QTableWidget>
#include <QToolButton>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

enum RequestTab { InputTab, EnvironmentTab, FilesTab, OptionsTab };

} // namespace

RequestPanel::RequestPanel(const Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_skill(new QComboBox)
    , m_version(new QComboBox)
    , m_folder(new QToolButton)
    , m_run(new QPushButton(tr("Run")))
    , m_cancel(new QPushButton(tr("Cancel")))
    , m_inputs(new QToolButton)
    , m_copy(new QToolButton)
    , m_about(new QLabel)
    , m_tabs(new QTabWidget)
    , m_input(new InputEditor(desk))
    , m_variables(new QTableWidget(0, 2))
    , m_files(new QListWidget)
    , m_entrypoint(new QComboBox)
    , m_timeout(new QLineEdit)
    , m_session(new QLineEdit)
{
    m_skill->setObjectName(u"runs.skill"_s);
    m_skill->setAccessibleName(tr("Skill to run"));
    m_skill->setEditable(true);
    m_skill->setInsertPolicy(QComboBox::NoInsert);
    m_skill->setModel(&m_skills);
    m_skill->lineEdit()->setPlaceholderText(tr("Skill"));
    m_skill->completer()->setCompletionMode(QCompleter::PopupCompletion);
    m_skill->completer()->setFilterMode(Qt::MatchContains);
    m_skill->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_version->setObjectName(u"runs.version"_s);
    m_version->setAccessibleName(tr("Version"));
    m_version->setMinimumContentsLength(7);
    m_folder->setObjectName(u"runs.folder"_s);
    m_folder->setToolTip(tr("Run a skill folder that is not published"));
    m_folder->setAccessibleName(m_folder->toolTip());
    m_run->setObjectName(u"runs.run"_s);
    m_run->setProperty("kind", u"primary"_s);
    m_run->setToolTip(tr("Run (Ctrl+Enter)"));
    m_cancel->setObjectName(u"runs.cancel"_s);
    m_cancel->setProperty("kind", u"danger"_s);
    m_cancel->setToolTip(tr("End the run (Ctrl+.)"));
    m_cancel->hide();
    m_inputs->setObjectName(u"runs.inputs"_s);
    m_inputs->setText(tr("Inputs"));
    m_inputs->setToolTip(tr("Saved inputs and the skill's test cases"));
    m_inputs->setPopupMode(QToolButton::InstantPopup);
    m_inputs->setMenu(new QMenu(m_inputs));
    m_copy->setObjectName(u"runs.copyRequest"_s);
    m_copy->setToolTip(tr("Copy as curl, Python, Go or TypeScript"));
    m_copy->setAccessibleName(m_copy->toolTip());
    for (QToolButton *button : {m_folder, m_inputs, m_copy})
        button->setFocusPolicy(Qt::TabFocus);
    m_about->setObjectName(u"runs.about"_s);
    m_about->setProperty("textRole", u"muted"_s);
    m_about->setTextFormat(Qt::PlainText);
    m_about->setWordWrap(true);
    m_about->hide();

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 12, 0, 0);
    column->setSpacing(8);
    auto *first = new QHBoxLayout;
    first->setContentsMargins(12, 0, 12, 0);
    first->setSpacing(8);
    first->addWidget(m_skill, 1);
    first->addWidget(m_version);
    first->addWidget(m_folder);
    auto *second = new QHBoxLayout;
    second->setContentsMargins(12, 0, 12, 0);
    second->setSpacing(8);
    second->addWidget(m_run);
    second->addWidget(m_cancel);
    second->addWidget(m_inputs);
    second->addStretch(1);
    second->addWidget(m_copy);
    auto *third = new QHBoxLayout;
    third->setContentsMargins(12, 0, 12, 0);
    third->addWidget(m_about);
    column->addLayout(first);
    column->addLayout(third);
    column->addLayout(second);
    column->addWidget(m_tabs, 1);

    m_variables->setObjectName(u"runs.environment"_s);
    m_variables->setAccessibleName(tr("Environment variables"));
    m_variables->setHorizontalHeaderLabels({tr("Name"), tr("Value")});
    m_variables->verticalHeader()->hide();
    m_variables->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_variables->setTabKeyNavigation(false);
    auto *environment = new QWidget;
    auto *environmentColumn = new QVBoxLayout(environment);
    environmentColumn->setContentsMargins(0, 0, 0, 0);
    environmentColumn->setSpacing(0);
    auto *environmentBar = new QHBoxLayout;
    environmentBar->setContentsMargins(8, 6, 8, 6);
    auto *addVariableButton = new QPushButton(tr("Add variable"));
    addVariableButton->setObjectName(u"runs.environment.add"_s);
    auto *removeVariable = new QPushButton(tr("Remove"));
    environmentBar->addWidget(addVariableButton);
    environmentBar->addWidget(removeVariable);
    environmentBar->addStretch(1);
    environmentColumn->addLayout(environmentBar);
    environmentColumn->addWidget(m_variables, 1);

    m_files->setObjectName(u"runs.inputFiles"_s);
    m_files->setAccessibleName(tr("Input files"));
    m_files->setTextElideMode(Qt::ElideMiddle);
    auto *files = new QWidget;
    auto *filesColumn = new QVBoxLayout(files);
    filesColumn->setContentsMargins(0, 0, 0, 0);
    filesColumn->setSpacing(0);
    auto *filesBar = new QHBoxLayout;
    filesBar->setContentsMargins(8, 6, 8, 6);
    auto *addFile = new QPushButton(tr("Add files …"));
    auto *removeFile = new QPushButton(tr("Remove"));
    auto *filesNote = new QLabel(tr("The skill finds them in /sandbox/input/"));
    filesNote->setProperty("textRole", u"muted"_s);
    filesNote->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    filesBar->addWidget(addFile);
    filesBar->addWidget(removeFile);
    filesBar->addWidget(filesNote, 1);
    filesColumn->addLayout(filesBar);
    filesColumn->addWidget(m_files, 1);

    auto *options = new QWidget;
    auto *form = new QFormLayout(options);
    form->setContentsMargins(16, 12, 16, 12);
    form->setVerticalSpacing(12);
    form->setRowWrapPolicy(QFormLayout::WrapAllRows);
    m_entrypoint->setObjectName(u"runs.entrypoint"_s);
    m_timeout->setObjectName(u"runs.timeout"_s);
    m_session->setObjectName(u"runs.session"_s);
    m_session->setPlaceholderText(tr("none"));
    m_entrypoint->setAccessibleName(tr("Script to run"));
    m_timeout->setAccessibleName(tr("Time after which the run is ended"));
    m_session->setAccessibleName(tr("Session"));
    form->addRow(tr("Script to run"), m_entrypoint);
    form->addRow(tr("End it after (30s, 1m30s; it can only be shorter)"), m_timeout);
    form->addRow(tr("Session, whose files it sees and leaves"), m_session);

    m_tabs->setObjectName(u"runs.request.tabs"_s);
    m_tabs->addTab(m_input, tr("Input"));
    m_tabs->addTab(environment, tr("Environment"));
    m_tabs->addTab(files, tr("Files"));
    m_tabs->addTab(options, tr("Options"));
    m_tabs->setUsesScrollButtons(true);

    connect(m_skill, &QComboBox::activated, this,
            [this] { chooseSkill(m_skill->currentText(), {}); });
    connect(m_skill->lineEdit(), &QLineEdit::editingFinished, this, [this] {
        const QString typed = m_skill->currentText().trimmed();
        if (!typed.isEmpty() && m_directory.isEmpty() && typed != m_skillName)
            chooseSkill(typed, {});
    });
    connect(m_version, &QComboBox::activated, this,
            [this] { chooseSkill(m_skillName, m_version->currentData().toString()); });
    connect(m_folder, &QToolButton::clicked, this, &RequestPanel::chooseFolder);
    connect(m_run, &QPushButton::clicked, this, &RequestPanel::runWanted);
    connect(m_cancel, &QPushButton::clicked, this, &RequestPanel::cancelWanted);
    connect(m_copy, &QToolButton::clicked, this, &RequestPanel::copyWanted);
    connect(m_inputs->menu(), &QMenu::aboutToShow, this, &RequestPanel::fillInputMenu);
    connect(addVariableButton, &QPushButton::clicked, this, [this] {
        addVariable({}, {});
        m_variables->setCurrentCell(m_variables->rowCount() - 1, 0);
        m_variables->editItem(m_variables->currentItem());
    });
    connect(removeVariable, &QPushButton::clicked, this, [this] {
        if (m_variables->currentRow() >= 0)
            m_variables->removeRow(m_variables->currentRow());
        tellCounts();
    });
    connect(m_variables, &QTableWidget::cellChanged, this, &RequestPanel::tellCounts);
    connect(addFile, &QPushButton::clicked, this,
            [this] { addFiles(QFileDialog::getOpenFileNames(this, tr("Input files"))); });
    connect(removeFile, &QPushButton::clicked, this, [this] {
        delete m_files->currentItem();
        tellCounts();
    });
    connect(&desk.session.skills(), &SkillCatalog::changed, this, &RequestPanel::reloadSkills);
    connect(&desk.session.engine(), &EngineThread::stateChanged, this, [this] {
        if (m_desk.session.engine().state() != EngineThread::State::Open)
            return;
        reloadSkills();
        describe();
    });
    takeTarget(RunTarget());
}

RequestPanel::~RequestPanel() = default;

void RequestPanel::reloadSkills()
{
    m_desk.session.skills().list(this, {}, [this](const Result<QList<SkillVersionRecord>> &skills) {
        if (!skills)
            return;
        QStringList names;
        for (const SkillVersionRecord &skill : *skills)
            names.append(skill.name);
        if (names == m_skills.stringList())
            return;
        const QString typed = m_skill->currentText();
        m_skills.setStringList(names);
        m_skill->setCurrentIndex(static_cast<int>(names.indexOf(typed)));
        m_skill->setEditText(typed);
        // Nothing was chosen yet: the first there is.
        if (typed.isEmpty() && m_directory.isEmpty() && !names.isEmpty())
            chooseSkill(names.first(), {});
        else if (m_target.name.isEmpty() || m_wantedVersion.isEmpty())
            describe();
    });
}

void RequestPanel::showSkillName(const QString &name)
{
    m_skill->setEditText(name);
    m_skill->lineEdit()->setCursorPosition(0); // of a long one the beginning is in sight
}

void RequestPanel::chooseSkill(const QString &name, const QString &version)
{
    m_directory.clear();
    m_skillName = name.trimmed();
    m_wantedVersion = version;
    m_wantedEntrypoint.clear();
    showSkillName(m_skillName);
    describe();
}

void RequestPanel::chooseFolder()
{
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Skill folder to run"),
                                                             m_directory);
    if (folder.isEmpty())
        return;
    m_directory = folder;
    m_skillName.clear();
    m_wantedVersion.clear();
    m_wantedEntrypoint.clear();
    describe();
}

void RequestPanel::describe()
{
    if (m_skillName.isEmpty() && m_directory.isEmpty())
        return;
    const int question = ++m_question;
    m_desk.session.runs().describe(
        this, {.skill = m_skillName, .version = m_wantedVersion, .directory = m_directory},
        [this, question](const Result<RunTarget> &target) {
            if (question == m_question)
                takeTarget(target);
        });
}

void RequestPanel::takeTarget(const Result<RunTarget> &target)
{
    m_target = target.value_or(RunTarget());
    if (!m_directory.isEmpty())
        showSkillName(QDir(m_directory).dirName() + u'/');
    m_skill->setToolTip(plainToolTip(m_directory.isEmpty() ? m_skillName : m_directory));
    QString about;
    if (!target) {
        about = target.error().message;
        if (!about.isEmpty())
            about[0] = about.at(0).toUpper();
    } else if (m_target.entrypoint.isEmpty() && !m_target.name.isEmpty()) {
        about = m_target.scripts.isEmpty()
            ? tr("This skill is instructions only: there is nothing to run.")
            : tr("This skill has no usual script: choose one under Options.");
    }
    m_about->setText(about);
    m_about->setVisible(!about.isEmpty());

    m_version->clear();
    m_version->addItem(m_directory.isEmpty() ? tr("newest") : tr("folder"), QString());
    for (const QString &version : std::as_const(m_target.versions))
        m_version->addItem(version, version);
    const int version = m_version->findData(m_wantedVersion);
    m_version->setCurrentIndex(qMax(0, version));
    m_version->setEnabled(m_directory.isEmpty());

    m_entrypoint->clear();
    m_entrypoint->addItem(m_target.entrypoint.isEmpty() ? tr("none")
                                                        : tr("usual: %1").arg(m_target.entrypoint),
                          QString());
    for (const QString &script : std::as_const(m_target.scripts))
        m_entrypoint->addItem(script, script);
    m_entrypoint->setCurrentIndex(qMax(0, m_entrypoint->findData(m_wantedEntrypoint)));
    m_timeout->setPlaceholderText(m_target.timeout.count() > 0
                                      ? tr("the skill's: %1").arg(formatDuration(m_target.timeout))
                                      : QString());
    if (target)
        m_input->setTarget(m_target);
}

void RequestPanel::setOrder(const RunOrder &order)
{
    m_directory = order.directory;
    m_skillName = order.directory.isEmpty() ? order.skill : QString();
    m_wantedVersion = order.version;
    m_wantedEntrypoint = order.entrypoint;
    showSkillName(m_skillName);
    m_input->setText(order.input.isEmpty() ? "{}"_ba : order.input);
    m_variables->setRowCount(0);
    for (auto it = order.environment.begin(); it != order.environment.end(); ++it)
        addVariable(it.key(), it.value());
    m_files->clear();
    addFiles(order.inputFiles);
    m_timeout->setText(order.timeout ? formatDuration(*order.timeout) : QString());
    m_session->setText(order.session);
    tellCounts();
    describe();
}

Result<RunOrder> RequestPanel::order() const
{
    RunOrder order;
    order.skill = m_skillName;
    order.version = m_wantedVersion;
    order.directory = m_directory;
    if (order.skill.isEmpty() && order.directory.isEmpty())
        return fail(ErrorCode::BadRequest, tr("choose a skill first"));
    const auto input = m_input->input();
    if (!input)
        return fail(ErrorCode::BadRequest, tr("the input %1").arg(input.error().message));
    order.input = *input;
    order.environment = environment();
    // What was asked for counts until the skill's scripts are known.
    order.entrypoint = m_entrypoint->count() > 1 ? m_entrypoint->currentData().toString()
                                                 : m_wantedEntrypoint;
    if (const QString typed = m_timeout->text().trimmed(); !typed.isEmpty()) {
        const auto timeout = parseDuration(typed);
        if (!timeout)
            return fail(ErrorCode::BadRequest, timeout.error().message);
        order.timeout = *timeout;
    }
    for (int row = 0; row < m_files->count(); ++row)
        order.inputFiles.append(m_files->item(row)->text());
    order.session = m_session->text().trimmed();
    return order;
}

void RequestPanel::addVariable(const QString &name, const QString &value)
{
    const int row = m_variables->rowCount();
    m_variables->insertRow(row);
    m_variables->setItem(row, 0, new QTableWidgetItem(name));
    m_variables->setItem(row, 1, new QTableWidgetItem(value));
    tellCounts();
}

QMap<QString, QString> RequestPanel::environment() const
{
    QMap<QString, QString> variables;
    for (int row = 0; row < m_variables->rowCount(); ++row) {
        const QTableWidgetItem *name = m_variables->item(row, 0);
        const QTableWidgetItem *value = m_variables->item(row, 1);
        if (name && !name->text().trimmed().isEmpty())
            variables.insert(name->text().trimmed(), value ? value->text() : QString());
    }
    return variables;
}

void RequestPanel::addFiles(const QStringList &paths)
{
    for (const QString &path : paths) {
        auto *item = new QListWidgetItem(path, m_files);
        item->setToolTip(plainToolTip(path));
    }
    tellCounts();
}

void RequestPanel::tellCounts()
{
    const auto variables = environment().size();
    m_tabs->setTabText(EnvironmentTab,
                       variables == 0 ? tr("Environment") : tr("Environment (%1)").arg(variables));
    m_tabs->setTabText(
        FilesTab, m_files->count() == 0 ? tr("Files") : tr("Files (%1)").arg(m_files->count()));
}

void RequestPanel::setRunning(bool running)
{
    m_cancel->setVisible(running);
}

void RequestPanel::showProblems(const QJsonArray &problems)
{
    m_tabs->setCurrentIndex(InputTab);
    m_input->showProblems(problems);
}

void RequestPanel::fillInputMenu()
{
    QMenu *menu = m_inputs->menu();
    menu->clear();
    menu->addAction(tr("Save this input …"), this, &RequestPanel::saveInput)
        ->setEnabled(!m_target.name.isEmpty());
    const QString skill = m_target.name;
    const QList<SavedInput> saved = m_desk.session.shelf().inputs(skill);
    if (!saved.isEmpty()) {
        menu->addSection(tr("Saved"));
        auto *removal = new QMenu(tr("Remove"), menu);
        for (const SavedInput &input : saved) {
            QString title = input.name;
            title.replace(u'&', u"&&"_s);
            menu->addAction(title, this, [this, input] { m_input->setText(input.input); });
            removal->addAction(title, this, [this, skill, input] {
                m_desk.session.shelf().removeInput(skill, input.name);
            });
        }
        menu->addMenu(removal);
    }
    if (!m_target.examples.isEmpty()) {
        menu->addSection(tr("Test cases of the skill"));
        for (const ExampleInput &example : std::as_const(m_target.examples)) {
            QString title = example.needsFiles ? tr("%1 (without its files)").arg(example.name)
                                               : example.name;
            title.replace(u'&', u"&&"_s);
            QAction *action = menu->addAction(title.left(100), this,
                                              [this, example] { m_input->setText(example.input); });
            action->setToolTip(example.description);
        }
    }
}

void RequestPanel::saveInput()
{
    if (m_target.name.isEmpty())
        return;
    auto *dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setObjectName(u"runs.saveInputDialog"_s);
    dialog->setWindowTitle(tr("Save the input"));
    dialog->setLabelText(tr("Name"));
    dialog->setOkButtonText(tr("Save"));
    // As it was when it was asked for: the page may show another skill by then.
    connect(dialog, &QInputDialog::textValueSelected, this,
            [this, skill = m_target.name, input = m_input->text()](const QString &name) {
                if (!name.trimmed().isEmpty())
                    m_desk.session.shelf().saveInput(skill, {name.trimmed(), input});
            });
    dialog->open();
}

void RequestPanel::focusSkill()
{
    m_skill->setFocus();
    m_skill->lineEdit()->selectAll();
}

void RequestPanel::applyTheme(const Theme &theme)
{
    m_input->applyTheme(theme);
    m_folder->setIcon(themedIcon(u"folder"_s, theme));
    m_copy->setIcon(themedIcon(u"copy"_s, theme));
    m_run->setIcon(themedIcon(u"play"_s, theme, ColorRole::OnAccent));
    m_cancel->setIcon(themedIcon(u"stop"_s, theme, ColorRole::Error));
}

QJsonObject RequestPanel::saveState() const
{
    return {{"skill"_L1, m_skillName},
            {"version"_L1, m_wantedVersion},
            {"directory"_L1, m_directory},
            {"input"_L1, QString::fromUtf8(m_input->text().left(1 << 20))}};
}

void RequestPanel::restoreState(const QJsonObject &state)
{
    RunOrder order;
    order.skill = state.value("skill"_L1).toString();
    order.version = state.value("version"_L1).toString();
    order.directory = state.value("directory"_L1).toString();
    order.input = state.value("input"_L1).toString().toUtf8();
    if (!order.skill.isEmpty() || !order.directory.isEmpty())
        setOrder(order);
}

} // namespace skillbox
