"""Method calls, attribute reads and writes, inheritance and super()."""


class Account:
    fee = 1

    def __init__(self, number, balance):
        self.number = number
        self.balance = balance
        self.history_length = 0

    def deposit(self, amount):
        self.balance += amount
        self.record()

    def withdraw(self, amount):
        if not self.may_withdraw(amount):
            return False
        self.balance -= amount + self.fee
        self.record()
        return True

    def may_withdraw(self, amount):
        return self.balance >= amount + self.fee

    def record(self):
        self.history_length += 1


class CreditAccount(Account):
    fee = 3

    def __init__(self, number, balance, limit):
        super().__init__(number, balance)
        self.limit = limit

    def may_withdraw(self, amount):
        return self.balance + self.limit >= amount + self.fee

    def record(self):
        super().record()
        if self.balance < 0:
            self.limit -= 1


class Bank:
    def __init__(self, size):
        self.accounts = [
            Account(n, 100 + n) if n % 3 else CreditAccount(n, 50, 400) for n in range(size)
        ]
        self.refused = 0

    def transfer(self, source, target, amount):
        a, b = self.accounts[source], self.accounts[target]
        if a.withdraw(amount):
            # Who is paid gets the fee as well, so that the money stays.
            b.deposit(amount + a.fee)
        else:
            self.refused += 1

    @property
    def total(self):
        return sum(account.balance for account in self.accounts)


def main():
    bank = Bank(97)
    seed = 12345
    for _ in range(1_000_000):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        bank.transfer(seed % 97, (seed >> 8) % 97, (seed >> 16) % 50)
    print(bank.total, bank.refused, max(a.history_length for a in bank.accounts))


main()
