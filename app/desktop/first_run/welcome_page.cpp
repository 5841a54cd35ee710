#include "app/desktop/first_run/welcome_page.h"

#include "app/desktop/settings/settings.h"
#include "app/desktop/shell/doctor_dialog.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/widgets/controls.h"

#include <QHBoxLayout>
#include <QJsonDocument>
#include <QTimer>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int columnWidth = 720;
constexpr int inputHeight = 92;
constexpr int outputHeight = 132;

/// JSON text for people; what is no JSON stays as it is.
QString prettyJson(const QByteArray &text)
{
    const QJsonDocument document = QJsonDocument::fromJson(text);
    return document.isNull() ? QString::fromUtf8(text)
                             : QString::fromUtf8(document.toJson()).trimmed();
}

} // namespace

WelcomePage::WelcomePage(const Desk &desk)
    : m_desk(desk)
    , m_machine(new StepCard(1, tr("This machine"),
                             tr("Skills run in a sandbox that the kernel itself makes: no network, no "
                                "privileges, none of your files.")))
    , m_skill(new StepCard(2, tr("A skill"),
                           tr("Skillbox comes with some. Add one to your catalog; it is a folder "
                              "with instructions and a script.")))
    , m_run(new StepCard(3, tr("Its first run"), tr("JSON goes in, JSON comes out. Change the input if you like.")))
    , m_examples(new QComboBox)
    , m_add(new QPushButton(tr("Add to the catalog")))
    , m_input(new QPlainTextEdit)
    , m_start(new QPushButton(tr("Run")))
    , m_output(new CodeView)
    , m_next(new QWidget)
    , m_showRun(new QPushButton(tr("Look at the run")))
{
    setObjectName(u"welcome"_s);
    buildMachineStep();
    buildSkillStep();
    buildRunStep();

    auto *column = new QWidget;
    column->setFixedWidth(columnWidth);
    auto *box = new QVBoxLayout(column);
    box->setContentsMargins(0, 32, 0, 32);
    box->setSpacing(12);
    auto *title = new QLabel(tr("Welcome to Skillbox"));
    title->setProperty("textRole", u"title"_s);
    auto *head = new QHBoxLayout;
    head->addWidget(title, 1);
    auto *skip = new QPushButton(tr("Skip"));
    skip->setObjectName(u"welcome.skip"_s);
    skip->setProperty("kind", u"flat"_s);
    skip->setToolTip(tr("The command palette (Ctrl+K) finds these steps again"));
    head->addWidget(skip);
    box->addLayout(head);
    box->addWidget(textLabel(
        tr("Three steps, a minute, and nothing leaves this machine."), u"muted"_s));
    box->addSpacing(8);
    for (StepCard *step : {m_machine, m_skill, m_run})
        box->addWidget(step);
    box->addWidget(m_next);
    box->addStretch(1);
    auto *frame = new QWidget;
    auto *centred = new QHBoxLayout(frame);
    centred->setContentsMargins(16, 0, 16, 0);
    centred->addStretch(1);
    centred->addWidget(column);
    centred->addStretch(1);
    m_scroll = new QScrollArea;
    m_scroll->setWidget(frame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_state = new StateView(m_scroll);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_state);

    auto *next = new QHBoxLayout(m_next);
    next->setContentsMargins(0, 4, 0, 0);
    m_showRun->setObjectName(u"welcome.showRun"_s);
    auto *own = new QPushButton(tr("Write a skill of your own"));
    own->setObjectName(u"welcome.newSkill"_s);
    auto *catalog = new QPushButton(tr("Go to the catalog"));
    catalog->setObjectName(u"welcome.catalog"_s);
    catalog->setProperty("kind", u"primary"_s);
    next->addStretch(1);
    next->addWidget(m_showRun);
    next->addWidget(own);
    next->addWidget(catalog);
    m_next->hide();

    connect(skip, &QPushButton::clicked, this, [this] { leave(u"catalog"_s); });
    connect(catalog, &QPushButton::clicked, this, [this] { leave(u"catalog"_s); });
    connect(own, &QPushButton::clicked, this, [this] {
        m_desk.settings.setWelcomed(true);
        Q_EMIT m_desk.navigation.newSkillRequested();
    });
    connect(m_showRun, &QPushButton::clicked, this, [this] {
        m_desk.settings.setWelcomed(true);
        Q_EMIT m_desk.navigation.executionRequested(m_id);
    });
    connect(&desk.session.engine(), &EngineThread::stateChanged, this, [this] {
        if (isVisible())
            begin();
    });
    chooseExample();
}

WelcomePage::~WelcomePage() = default;

void WelcomePage::buildMachineStep()
{
    auto *details = new QPushButton(tr("See every control"));
    details->setObjectName(u"welcome.doctor"_s);
    m_machine->body().addWidget(details, 0, Qt::AlignLeft);
    connect(details, &QPushButton::clicked, &m_desk.navigation, &Navigation::doctorRequested);
}

void WelcomePage::buildSkillStep()
{
    m_examples->setObjectName(u"welcome.examples"_s);
    m_examples->setAccessibleName(tr("Example skills"));
    for (const ExampleSkill &example : ExampleSkills::all())
        m_examples->addItem(u"%1 – %2"_s.arg(example.name, example.description), example.name);
    m_examples->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_add->setObjectName(u"welcome.add"_s);
    m_add->setProperty("kind", u"primary"_s);
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_examples, 1);
    row->addWidget(m_add);
    m_skill->body().addLayout(row);
    connect(m_examples, &QComboBox::currentIndexChanged, this, &WelcomePage::chooseExample);
    connect(m_add, &QPushButton::clicked, this, &WelcomePage::addSkill);
}

void WelcomePage::buildRunStep()
{
    m_input->setObjectName(u"welcome.input"_s);
    m_input->setAccessibleName(tr("Input, as JSON"));
    m_input->setTabChangesFocus(true);
    m_input->setFixedHeight(inputHeight);
    m_start->setObjectName(u"welcome.run"_s);
    m_start->setProperty("kind", u"primary"_s);
    m_output->setObjectName(u"welcome.output"_s);
    m_output->setAccessibleName(tr("Output"));
    m_output->setFixedHeight(outputHeight);
    m_output->hide();
    m_run->body().addWidget(m_input);
    m_run->body().addWidget(m_start, 0, Qt::AlignLeft);
    m_run->body().addWidget(m_output);
    connect(m_start, &QPushButton::clicked, this, &WelcomePage::run);
}

void WelcomePage::begin()
{
    const EngineThread &engine = m_desk.session.engine();
    switch (engine.state()) {
    case EngineThread::State::Opening: m_state->showLoading(tr("Opening the store …")); return;
    case EngineThread::State::Failed:
        m_state->showMessage(u"error"_s, tr("The store cannot be opened"), engine.error().message,
                             tr("Try again"), [this] {
                                 EngineThread &again = m_desk.session.engine();
                                 again.open(EngineConfig(again.config()));
                             });
        return;
    case EngineThread::State::Open: break;
    }
    m_state->showContent();
    if (m_skill->state() == StepCard::State::Waiting)
        m_skill->setState(StepCard::State::Ready);
    if (m_machine->state() == StepCard::State::Waiting) {
        m_machine->setState(StepCard::State::Working, tr("Every control is tried for real …"));
        m_desk.session.probeSandbox(this, [this](const Result<QList<ControlState>> &controls) {
            const SandboxVerdict verdict = sandboxVerdict(controls);
            m_machine->setState(verdict.badge == "error"_L1 ? StepCard::State::Failed
                                                            : StepCard::State::Done,
                                verdict.sentence);
        });
    }
    m_add->setFocus();
}

void WelcomePage::chooseExample()
{
    const QString name = m_examples->currentData().toString();
    for (const ExampleSkill &example : ExampleSkills::all()) {
        if (example.name == name)
            m_input->setPlainText(QString::fromUtf8(example.input));
    }
    if (name != m_published && m_skill->state() == StepCard::State::Done) {
        m_skill->setState(StepCard::State::Ready);
        m_run->setState(StepCard::State::Waiting);
        m_output->hide();
        m_next->hide();
    }
}

void WelcomePage::addSkill()
{
    m_skill->setState(StepCard::State::Working, tr("It is checked, packed and published here …"));
    m_desk.session.examples().publish(
        this, m_examples->currentData().toString(), [this](const Result<Published> &published) {
            if (!published) {
                m_skill->setState(StepCard::State::Failed, published.error().message);
                return;
            }
            m_published = published->record.name;
            m_skill->setState(
                StepCard::State::Done,
                published->created
                    ? tr("%1 %2 is in your catalog.").arg(m_published, published->record.version)
                    : tr("%1 %2 was in your catalog already.")
                          .arg(m_published, published->record.version));
            m_run->setState(StepCard::State::Ready);
            m_start->setFocus();
        });
}

void WelcomePage::run()
{
    m_run->setState(StepCard::State::Working, tr("Running in its sandbox …"));
    m_output->hide();
    m_next->hide();
    m_feed = std::make_unique<RunFeed>();
    connect(m_feed.get(), &RunFeed::finished, this, [this] {
        m_desk.session.runs().find(
            this, m_id, [this](const Result<ExecutionRecord> &record) { showRun(record); });
    });
    RunOrder order;
    order.skill = m_published;
    order.input = m_input->toPlainText().toUtf8();
    m_desk.session.runs().start(this, order, *m_feed, [this](const Result<ExecutionId> &id) {
        if (id)
            m_id = *id;
        else
            m_run->setState(StepCard::State::Failed, id.error().message);
    });
}

void WelcomePage::showRun(const Result<ExecutionRecord> &run)
{
    if (!run) {
        m_run->setState(StepCard::State::Failed, run.error().message);
        return;
    }
    m_next->show();
    if (!run->output.isEmpty()) {
        m_output->setSource(prettyJson(run->output.bytes()), u"output.json"_s);
        m_output->show();
    }
    if (run->status != ExecutionStatus::Success) {
        m_run->setState(StepCard::State::Failed,
                        run->error.isEmpty() ? tr("The run was not successful.") : run->error);
        return;
    }
    m_desk.settings.setWelcomed(true);
    m_run->setState(StepCard::State::Done,
                    tr("Done in %1 ms, sandboxed. The same works over the local server and from the "
                       "command line.")
                        .arg(run->durationMs));
    m_showRun->setFocus();
    // Once the layout has grown.
    QTimer::singleShot(0, this, [this] { m_scroll->ensureWidgetVisible(m_next, 0, 24); });
}

void WelcomePage::leave(const QString &page)
{
    m_desk.settings.setWelcomed(true);
    Q_EMIT m_desk.navigation.pageRequested(page);
}

void WelcomePage::activate()
{
    begin();
}

void WelcomePage::applyTheme(const Theme &theme)
{
    m_state->applyTheme(theme);
    m_output->applyTheme(theme);
    m_input->setFont(theme.codeFont());
}

} // namespace skillbox
