import fc from "fast-check";
import { expect, test } from "vitest";
import { type Registered, Registry, UNREGISTERED } from "./registry.ts";

class Member implements Registered {
  place: number = UNREGISTERED;
}

test("has whoever was added and has not left, as a Set does", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(9))), (steps) => {
      const members = Array.from({ length: 10 }, () => new Member());
      const registry = new Registry<Member>();
      const oracle = new Set<Member>();
      for (const [add, index] of steps) {
        const member = members[index] as Member;
        if (add) {
          registry.add(member);
          oracle.add(member);
        } else {
          registry.delete(member);
          oracle.delete(member);
        }
        expect(registry.size).toBe(oracle.size);
      }
      expect(new Set(registry)).toEqual(oracle);
      expect([...registry]).toHaveLength(oracle.size);
    }),
  );
});

test("visits all who stay, whoever leaves meanwhile", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(9), { maxLength: 4 }), { minLength: 10 }), (leavers) => {
      const members = Array.from({ length: 10 }, () => new Member());
      const registry = new Registry<Member>();
      for (const member of members) registry.add(member);
      const visited = new Set<Member>();
      let step = 0;
      for (const member of registry) {
        expect(member.place).not.toBe(UNREGISTERED);
        visited.add(member);
        for (const index of leavers[step++ % leavers.length] as number[])
          registry.delete(members[index] as Member);
      }
      for (const member of registry) expect(visited.has(member)).toBe(true);
    }),
  );
});
