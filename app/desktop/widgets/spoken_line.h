#pragma once

#include <QString>

class QWidget;

namespace skillbox {

/// A view that paints its own text says what its current line is: a screen reader gets that line as
/// the view's text, and hears when it is another one. Beside a QWidget as a base.
class SpokenLine
{
public:
    /// Empty: there is none.
    virtual QString spokenLine() const = 0;

protected:
    SpokenLine();
    virtual ~SpokenLine() = default;
    SpokenLine(const SpokenLine &) = delete;
    SpokenLine &operator=(const SpokenLine &) = delete;
    /// The current line of `view`, which this is, may be another one now.
    void speak(QWidget *view);

private:
    QString m_spoken;
};

} // namespace skillbox
