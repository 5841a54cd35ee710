#include "app/desktop/shell/doctor_dialog.h"

#include "app/desktop/widgets/controls.h"

#include <QHBoxLayout>
#include <QScrollArea>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int nameWidth = 180;
constexpr int badgeWidth = 84;

QString stateWord(ControlState::State state)
{
    switch (state) {
    case ControlState::State::Active: return DoctorDialog::tr("active");
    case ControlState::State::Degraded: return DoctorDialog::tr("weaker");
    case ControlState::State::Missing: break;
    }
    return DoctorDialog::tr("missing");
}

QString stateBadge(ControlState::State state)
{
    switch (state) {
    case ControlState::State::Active: return u"success"_s;
    case ControlState::State::Degraded: return u"warning"_s;
    case ControlState::State::Missing: break;
    }
    return u"error"_s;
}

/// `control_group` → `Control group`.
QString controlTitle(QString name)
{
    name.replace(u'_', u' ');
    if (!name.isEmpty())
        name[0] = name[0].toUpper();
    return name;
}

QWidget *controlRow(const ControlState &control)
{
    auto *row = new QFrame;
    row->setProperty("surface", u"row"_s);
    row->setAccessibleName(controlTitle(control.control) + u": "_s + stateWord(control.state));
    auto *line = new QHBoxLayout(row);
    line->setContentsMargins(16, 10, 16, 10);
    line->setSpacing(12);
    auto *badge = badgeLabel(stateWord(control.state), stateBadge(control.state));
    badge->setFixedWidth(badgeWidth);
    badge->setAlignment(Qt::AlignCenter);
    line->addWidget(badge, 0, Qt::AlignTop);
    auto *name = textLabel(controlTitle(control.control));
    name->setFixedWidth(nameWidth);
    line->addWidget(name, 0, Qt::AlignTop);
    auto *column = new QVBoxLayout;
    column->setSpacing(4);
    auto *detail = textLabel(control.detail, u"muted"_s);
    detail->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(detail);
    if (!control.fix.isEmpty()) {
        auto *fix = textLabel(DoctorDialog::tr("What helps: %1").arg(control.fix));
        fix->setTextInteractionFlags(Qt::TextSelectableByMouse);
        column->addWidget(fix);
    }
    line->addLayout(column, 1);
    return row;
}

} // namespace

SandboxVerdict sandboxVerdict(const Result<QList<ControlState>> &controls)
{
    if (!controls) {
        return {u"error"_s, DoctorDialog::tr("not available"), controls.error().message};
    }
    const auto count = [&](ControlState::State state) {
        return static_cast<int>(
            std::count_if(controls->begin(), controls->end(), [&](const ControlState &control) {
                return control.state == state;
            }));
    };
    if (const int missing = count(ControlState::State::Missing)) {
        return {u"error"_s, DoctorDialog::tr("incomplete"),
                missing == 1
                    ? DoctorDialog::tr("Skills cannot run safely here: a control is missing.")
                    : DoctorDialog::tr("Skills cannot run safely here: %1 controls are missing.")
                          .arg(missing)};
    }
    if (const int weaker = count(ControlState::State::Degraded)) {
        return {u"warning"_s, DoctorDialog::tr("good"),
                weaker == 1
                    ? DoctorDialog::tr("Skills run sandboxed. One control could be stronger.")
                    : DoctorDialog::tr("Skills run sandboxed. %1 controls could be stronger.")
                          .arg(weaker)};
    }
    return {u"success"_s, DoctorDialog::tr("full"), DoctorDialog::tr("Skills run fully sandboxed.")};
}

DoctorDialog::DoctorDialog(DesktopSession &session, QWidget *parent)
    : QDialog(parent)
    , m_session(session)
    , m_badge(badgeLabel({}))
    , m_verdict(textLabel({}))
    , m_rows(new QVBoxLayout)
    , m_again(new QPushButton(tr("Check again")))
{
    setObjectName(u"doctor"_s);
    setWindowTitle(tr("What the sandbox can do here"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);

    auto *head = new QHBoxLayout;
    head->setContentsMargins(24, 20, 24, 16);
    head->setSpacing(12);
    head->addWidget(m_badge);
    head->addWidget(m_verdict, 1);
    column->addLayout(head);

    auto *list = new QWidget;
    list->setProperty("surface", u"page"_s);
    m_rows->setContentsMargins(0, 0, 0, 0);
    m_rows->setSpacing(0);
    auto *inner = new QVBoxLayout(list);
    inner->setContentsMargins(8, 4, 8, 4);
    inner->addLayout(m_rows);
    inner->addStretch(1);
    auto *scroll = new QScrollArea;
    scroll->setWidget(list);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setAccessibleName(tr("Controls"));
    column->addWidget(scroll, 1);

    auto *foot = new QHBoxLayout;
    foot->setContentsMargins(24, 16, 24, 16);
    auto *close = new QPushButton(tr("Close"));
    close->setProperty("kind", u"primary"_s);
    close->setDefault(true);
    foot->addWidget(m_again);
    foot->addWidget(copyButton(tr("Copy as text"), [this] { return report(); }));
    foot->addStretch(1);
    foot->addWidget(close);
    column->addLayout(foot);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    connect(m_again, &QPushButton::clicked, this, &DoctorDialog::examine);
    resize(760, 600);
    examine();
}

void DoctorDialog::examine()
{
    m_again->setEnabled(false);
    setBadge(*m_badge, tr("checking"), u"info"_s);
    m_verdict->setText(tr("Every control is tried for real …"));
    m_session.probeSandbox(
        this, [this](const Result<QList<ControlState>> &controls) { show(controls); });
}

void DoctorDialog::show(const Result<QList<ControlState>> &controls)
{
    m_again->setEnabled(true);
    const SandboxVerdict verdict = sandboxVerdict(controls);
    setBadge(*m_badge, verdict.word, verdict.badge);
    m_verdict->setText(verdict.sentence);
    while (QLayoutItem *item = m_rows->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_controls = controls ? *controls : QList<ControlState>();
    // What needs somebody comes first.
    std::stable_sort(m_controls.begin(), m_controls.end(),
                     [](const ControlState &a, const ControlState &b) { return a.state > b.state; });
    for (const ControlState &control : std::as_const(m_controls))
        m_rows->addWidget(controlRow(control));
}

QString DoctorDialog::report() const
{
    QString text = m_verdict->text() + u'\n';
    for (const ControlState &control : m_controls) {
        text += u"%1: %2: %3\n"_s.arg(control.control, stateWord(control.state), control.detail);
        if (!control.fix.isEmpty())
            text += u"    %1\n"_s.arg(control.fix);
    }
    return text;
}

} // namespace skillbox
