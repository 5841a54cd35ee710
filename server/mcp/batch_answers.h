#pragma once

#include <QByteArray>
#include <QByteArrayList>
#include <QList>

#include <optional>

namespace skillbox {

/// Gathers the answers to the requests that came at once, to give them back as one text.
class BatchAnswers
{
public:
    enum class Form { Single, Array };
    BatchAnswers(Form form, int expected) : m_form(form), m_missing(expected) { }

    /// One of them; empty: it was withdrawn.
    void add(const QByteArray &json)
    {
        --m_missing;
        if (!json.isEmpty())
            m_answers.append(json);
    }
    /// Once all are there: the text; empty where all were withdrawn.
    std::optional<QByteArray> whole() const
    {
        if (m_missing > 0)
            return std::nullopt;
        if (m_answers.isEmpty())
            return QByteArray();
        return m_form == Form::Single ? m_answers.first() : '[' + m_answers.join(',') + ']';
    }

private:
    Form m_form;
    int m_missing;
    QByteArrayList m_answers;
};

} // namespace skillbox
