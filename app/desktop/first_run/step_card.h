#pragma once

#include <QFrame>
#include <QLabel>
#include <QVBoxLayout>

namespace skillbox {

/// One of the first steps: its number, what it is about, how it stands, and what there is to do.
class StepCard : public QFrame
{
    Q_OBJECT

public:
    enum class State { Waiting, Ready, Working, Done, Failed };

    StepCard(int number, const QString &title, const QString &text, QWidget *parent = nullptr);
    /// Where the step's own controls go.
    QVBoxLayout &body() { return *m_body; }
    void setState(State state, const QString &note = {});
    State state() const { return m_state; }

private:
    QLabel *m_badge;
    QLabel *m_note;
    QWidget *m_content;
    QVBoxLayout *m_body;
    State m_state = State::Waiting;
};

} // namespace skillbox
