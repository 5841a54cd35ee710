#include "app/desktop/first_run/step_card.h"

#include "app/desktop/widgets/controls.h"

#include <QHBoxLayout>
#include <QStyle>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int numberSize = 28;

} // namespace

StepCard::StepCard(int number, const QString &title, const QString &text, QWidget *parent)
    : QFrame(parent)
    , m_badge(badgeLabel({}))
    , m_note(textLabel({}, u"muted"_s))
    , m_content(new QWidget)
    , m_body(new QVBoxLayout(m_content))
{
    setProperty("surface", u"card"_s);
    setAccessibleName(tr("Step %1: %2").arg(number).arg(title));
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(20, 16, 20, 16);
    row->setSpacing(16);
    auto *mark = new QLabel(QString::number(number));
    mark->setProperty("surface", u"number"_s);
    mark->setFixedSize(numberSize, numberSize);
    mark->setAlignment(Qt::AlignCenter);
    row->addWidget(mark, 0, Qt::AlignTop);
    auto *column = new QVBoxLayout;
    column->setSpacing(6);
    auto *head = new QHBoxLayout;
    head->setSpacing(12);
    auto *heading = new QLabel(title);
    heading->setProperty("textRole", u"heading"_s);
    head->addWidget(heading);
    head->addWidget(m_badge);
    head->addStretch(1);
    column->addLayout(head);
    column->addWidget(textLabel(text, u"muted"_s));
    m_body->setContentsMargins(0, 6, 0, 0);
    m_body->setSpacing(8);
    column->addWidget(m_note);
    column->addWidget(m_content);
    row->addLayout(column, 1);
    setState(State::Waiting);
}

void StepCard::setState(State state, const QString &note)
{
    m_state = state;
    m_content->setEnabled(state != State::Waiting && state != State::Working);
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
    const QString role = state == State::Failed ? u"error"_s : QString();
    m_note->setProperty("textRole", role);
    m_note->style()->unpolish(m_note);
    m_note->style()->polish(m_note);
    switch (state) {
    case State::Waiting: setBadge(*m_badge, tr("waits"), u"plain"_s); break;
    case State::Ready: setBadge(*m_badge, tr("your turn"), u"info"_s); break;
    case State::Working: setBadge(*m_badge, tr("working"), u"info"_s); break;
    case State::Done: setBadge(*m_badge, tr("done"), u"success"_s); break;
    case State::Failed: setBadge(*m_badge, tr("failed"), u"error"_s); break;
    }
}

} // namespace skillbox
